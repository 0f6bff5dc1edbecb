"""Values of RPM -> YAML files: `candidates` decides, `adopt` and `importer` write. Makes only read calls.

No file is written before all files that would come out were read together and found without a problem.
"""
