"""Reports of runs for people and for other programs: HTML, Markdown, JUnit."""
