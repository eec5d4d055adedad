package dependency

import (
	"context"
	"fmt"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/parallel"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// refresh fetches the indexes that are needed. One that cannot be had is told of:
// what the cache has may do.
func (w *work) refresh(ctx context.Context) error {
	if w.opts.SkipRefresh || w.opts.Offline {
		return nil
	}
	if list := w.repositoriesToAsk(inUnknown); len(list) > 0 {
		w.m.cfg.Tell("Getting updates for unmanaged Helm repositories...")
		w.update(ctx, list)
	}
	if list := w.repositoriesToAsk(inRepo); len(list) > 0 {
		w.m.cfg.Tell("Hang tight while we grab the latest from your chart repositories...")
		w.update(ctx, list)
		w.m.cfg.Tell("Update Complete. ⎈Happy Helming!⎈")
	}
	return ctx.Err()
}

// update fetches indexes, several at once, and tells of each in their order.
func (w *work) update(ctx context.Context, list []place) {
	lines := make([]string, len(list))
	parallel.Do(w.m.cfg.Parallel, len(list), func(i int) bool {
		e := list[i].entry
		shown := fmt.Sprintf("%q", e.Name)
		if list[i].kind == inUnknown {
			e.Name, shown = list[i].index(), fmt.Sprintf("%q", e.URL)
			e.Access = w.tlsAccess()
		}
		if err := w.updateOne(ctx, e); err != nil {
			if list[i].kind == inRepo {
				shown += " chart repository (" + e.URL + ")"
			} else {
				shown += " chart repository"
			}
			lines[i] = fmt.Sprintf("...Unable to get an update from the %s:\n\t%s", shown, err)
		} else {
			lines[i] = fmt.Sprintf("...Successfully got an update from the %s chart repository", shown)
		}
		return true
	})
	for _, line := range lines {
		w.m.cfg.Tell(line)
	}
}

func (w *work) updateOne(ctx context.Context, e repo.Entry) error {
	scheme, _, _ := strings.Cut(e.URL, "://")
	if w.m.cfg.Getter == nil {
		return fmt.Errorf("could not find protocol handler for: %s", scheme)
	}
	getter, err := w.m.cfg.Getter(scheme)
	if err != nil {
		return err
	}
	_, err = w.m.cfg.Indexes.Update(ctx, getter, e)
	return err
}

// tlsAccess is the access that was given, without credentials: those are a
// registry's, and nobody knows that they are also this repository's.
func (w *work) tlsAccess() repo.Access {
	a := w.m.cfg.Access
	a.Username, a.Password, a.PassAll = "", "", false
	return a
}
