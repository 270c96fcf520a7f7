"""Tests of `alipolicy adopt`."""
