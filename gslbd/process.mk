# The process: settings and main.
