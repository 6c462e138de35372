"""A whole site: its blocks collected, its clips supplied, its pages rendered."""
