"""Stories from seeds: the real tool, with several workers, in a world whose time, network, disk and people a seed moves."""
