package dependency

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// run collects what is fetched concurrently.
type run struct {
	out  []fetched
	errs []error
	done []chan struct{}
	sent []bool
}

func newRun(n int) *run {
	r := &run{out: make([]fetched, n), errs: make([]error, n), done: make([]chan struct{}, n), sent: make([]bool, n)}
	for i := range r.done {
		r.done[i] = make(chan struct{})
	}
	return r
}

func (r *run) set(i int, f fetched, err error) bool {
	r.out[i], r.errs[i], r.sent[i] = f, err, true
	close(r.done[i])
	return err == nil
}

// end settles what was not begun because something else failed.
func (r *run) end() {
	i := slices.IndexFunc(r.errs, func(err error) bool { return err != nil })
	for j, sent := range r.sent {
		if !sent && i >= 0 {
			r.set(j, fetched{}, r.errs[i])
		}
	}
}

func (r *run) wait(i int) (fetched, error) {
	<-r.done[i]
	return r.out[i], r.errs[i]
}

// repeats says for each dependency which is the first that is the same: one
// chart may be needed under several aliases.
func (w *work) repeats() []int {
	first := make([]int, len(w.locked))
	seen := map[string]int{}
	for i, d := range w.locked {
		first[i] = i
		if k := w.places[i].kind; k == inCharts || k == inFolder {
			continue
		}
		id := strings.TrimSuffix(d.Repository, "/") + "\x00" + key(d)
		if j, ok := seen[id]; ok {
			first[i] = j
			continue
		}
		seen[id] = i
	}
	return first
}

// distinct takes repetitions out, and refuses different archives of one name.
func (w *work) distinct(list []fetched) ([]fetched, error) {
	byName := map[string]*fetched{}
	var out []fetched
	for _, f := range list {
		w.contents[key(f.dep)] = f.digest
		old := byName[f.name]
		switch {
		case old == nil:
			byName[f.name] = &f
			out = append(out, f)
		case !bytes.Equal(old.data, f.data) || f.data == nil && old.chart != f.chart:
			return nil, fmt.Errorf("dependencies from %s and %s are different charts with the same name and version, %s: only one can be in the charts folder",
				shown(old.dep.Repository), shown(f.dep.Repository), strings.TrimSuffix(f.name, archiveSuffix))
		}
	}
	return out, nil
}
