"""What both doors need of HTTP itself, and no more: paths, header fields, content, answers."""
