"""The command line: one module a command; they translate and print, the service does the work."""
