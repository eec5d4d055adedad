package dependency

import (
	"context"
	"fmt"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/parallel"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// refresh fetches the indexes that are needed, and meanwhile asks registries for
// versions. An index that cannot be had is told of: what the cache has may do.
func (w *work) refresh(ctx context.Context) error {
	if err := w.checkCredentials(); err != nil {
		return err
	}
	if w.opts.Offline {
		return nil
	}
	var list []place
	unknown := 0
	if !w.opts.SkipRefresh {
		list = w.repositoriesToAsk(inUnknown)
		unknown = len(list)
		list = append(list, w.repositoriesToAsk(inRepo)...)
	}
	if unknown > 0 {
		w.m.cfg.Tell("Getting updates for unmanaged Helm repositories...")
	} else if len(list) > 0 {
		w.m.cfg.Tell("Hang tight while we grab the latest from your chart repositories...")
	}
	ranges := w.tagsToAsk()
	lines := make([]string, len(list))
	parallel.Do(w.m.cfg.Parallel, len(list)+len(ranges), func(i int) bool {
		if i < len(list) {
			lines[i] = w.update(ctx, list[i])
		} else {
			// Whoever needs the answer gets its error.
			_, _ = w.tagsOf(ctx, ranges[i-len(list)])
		}
		return true
	})
	for i, line := range lines {
		if i == unknown && unknown > 0 {
			w.m.cfg.Tell("Hang tight while we grab the latest from your chart repositories...")
		}
		w.m.cfg.Tell(line)
	}
	if len(list) > unknown {
		w.m.cfg.Tell("Update Complete. ⎈Happy Helming!⎈")
	}
	return ctx.Err()
}

// update fetches an index and returns the line that tells of it.
func (w *work) update(ctx context.Context, p place) string {
	e := p.entry
	name, detail := fmt.Sprintf("%q", e.Name), " ("+shown(e.URL)+")"
	if p.kind == inUnknown {
		name, detail = fmt.Sprintf("%q", shown(e.URL)), ""
		e.Name, e.Access = p.index(), w.tlsAccess()
	}
	if err := w.updateOne(ctx, e); err != nil {
		w.mu.Lock()
		w.refused[p.index()] = err
		w.mu.Unlock()
		return fmt.Sprintf("...Unable to get an update from the %s chart repository%s:\n\t%s", name, detail, err)
	}
	return fmt.Sprintf("...Successfully got an update from the %s chart repository", name)
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
