"""What tests stand on: the embedded RPM on a real socket, and the installed command in a folder."""
