"""The page: a frame, styles and scripts, put into one file with the document."""
