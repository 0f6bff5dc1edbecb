"""The steps of a pipeline, a module each: what this run is, git and a forge -> what one job does, leaves and says."""
