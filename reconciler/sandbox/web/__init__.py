"""The page on which a person looks at the embedded RPM's customers and edits them by hand."""
