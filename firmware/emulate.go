package main

import (
	"context"
	"io"
)

type emulateCmd struct{}

func (c *emulateCmd) Run(ctx context.Context, out io.Writer) error { return nil }

type modemCmd struct{}

func (c *modemCmd) Run(ctx context.Context, out io.Writer) error { return nil }
