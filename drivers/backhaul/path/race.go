package path

import (
	"context"
	"errors"
	"time"
)

// race tries candidates one after the other: the next when one has failed,
// or has not answered after delay, while the earlier go on. The first success
// ends all others and is returned with its candidate; drop gets successes
// that came too late. The error joins those of all. It returns after all
// tries have begun to end, not after they have ended.
func race[C, R any](ctx context.Context, delay time.Duration, candidates []C, try func(context.Context, C) (R, error), drop func(R)) (C, R, error) {
	type outcome struct {
		candidate C
		result    R
		err       error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	outcomes := make(chan outcome, len(candidates))
	begun, ended := 0, 0
	defer func() {
		left := begun - ended
		go func() {
			for range left {
				if o := <-outcomes; o.err == nil {
					drop(o.result)
				}
			}
		}()
	}()
	begin := func() {
		c := candidates[begun]
		begun++
		go func() {
			r, err := try(ctx, c)
			outcomes <- outcome{c, r, err}
		}()
	}
	var faults []error
	patience := time.NewTimer(0)
	defer patience.Stop()
	for ended < len(candidates) {
		select {
		case o := <-outcomes:
			ended++
			if o.err == nil {
				return o.candidate, o.result, nil
			}
			faults = append(faults, o.err)
			patience.Reset(0)
		case <-patience.C:
			if begun < len(candidates) {
				begin()
				patience.Reset(delay)
			}
		case <-ctx.Done():
			var none outcome
			return none.candidate, none.result, errors.Join(append(faults, context.Cause(ctx))...)
		}
	}
	var none outcome
	return none.candidate, none.result, errors.Join(faults...)
}
