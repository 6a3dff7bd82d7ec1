package statuspage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"heliograph/drivers/delivery"
)

// Check proves that the token opens the page and that the page has all
// components that are configured. It changes nothing there.
func (p *Page) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, p.o.Timeout)
	defer cancel()
	leave, err := p.enter(ctx, "")
	if err != nil {
		return err
	}
	defer leave(false)
	if len(p.o.Components) > 0 {
		return p.checkComponents(ctx)
	}
	var page struct{ ID string }
	no := p.wire.ask(ctx, http.MethodGet, "/pages/"+p.o.Page, nil, &page)
	if no == nil && page.ID != p.o.Page {
		no = stranger()
	}
	if no != nil {
		return &no.Error
	}
	return nil
}

// checkComponents asks for the components, which proves the page as well.
func (p *Page) checkComponents(ctx context.Context) error {
	missing := maps.Clone(p.o.Components)
	for n := 1; n <= pages && len(missing) > 0; n++ {
		var got []struct{ ID string }
		if no := p.wire.ask(ctx, http.MethodGet, fmt.Sprintf("/pages/%s/components?page=%d&per_page=%d", p.o.Page, n, rows), nil, &got); no != nil {
			return &no.Error
		}
		for _, c := range got {
			maps.DeleteFunc(missing, func(_, id string) bool { return id == c.ID })
		}
		if len(got) < rows {
			break
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return &delivery.Error{Fate: delivery.Retry, Worker: true, Code: "components",
		Advice: "correct the component ids in the configuration: the page's console shows them",
		Err:    errors.New("the page has no component for " + strings.Join(slices.Sorted(maps.Keys(missing)), ", "))}
}
