package render

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/seed-0d4f92cc/pack/internal/common"
	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
	"github.com/seed-0d4f92cc/pack/internal/parallel"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// execution is one rendering of a chart.
//
// Helm renders file after file, and what a template does to the objects that it
// is given (set .Values "a" 1) is seen by all files after it. Hardly any
// template does that, so files are rendered concurrently, on objects that
// nobody may change. The file that is about to change one is stopped; it and
// all files after it are then rendered one by one on a copy of the objects.
type execution struct {
	renderer   *Renderer
	set        *gotmpl.Set
	configured *chart.Configured
	charts     []*chart.Chart
	// sources are all templates, files those that are rendered, in Helm's order.
	sources []source
	files   []source
	in      Input
	// bytes counts the output of all files.
	bytes atomic.Int64
}

// outcome is what one file rendered to.
type outcome struct {
	file     File
	set      manifest.Set
	parseErr error
	warnings []string
	err      error
	// changes says that the file changes objects that others see.
	changes bool
}

// rendered are the files of a list that are rendered.
func rendered(list []source) []source {
	files := make([]source, 0, len(list))
	for _, s := range list {
		if !s.partial() {
			files = append(files, s)
		}
	}
	return files
}

func (e *execution) run(ctx context.Context) ([]outcome, error) {
	outcomes := make([]outcome, len(e.files))
	dots := newDots(e.charts, e.configured.Values, e.in)
	e.setLastTemplates(dots, len(e.files))
	shared := &sharedMaps{dots: dots}
	states := sync.Pool{New: func() any { return e.state(ctx) }}
	stopped := parallel.Do(e.renderer.cfg.Parallel, len(e.files), func(i int) bool {
		s := states.Get().(*gotmpl.State)
		defer states.Put(s)
		dot := maps.Clone(dots[e.files[i].owner])
		outcomes[i] = e.file(s, i, dot, shared)
		return outcomes[i].err == nil
	})
	switch {
	case stopped == len(e.files):
		return outcomes, nil
	case !outcomes[stopped].changes:
		return nil, e.diagnose(ctx, stopped, outcomes[stopped].err)
	}
	return outcomes, e.runInOrder(ctx, outcomes, stopped)
}

// runInOrder renders the files from the first on that changes something, one
// after another.
func (e *execution) runInOrder(ctx context.Context, outcomes []outcome, first int) error {
	dots := newDots(e.charts, values.Clone(e.configured.Values), e.in)
	e.setLastTemplates(dots, first)
	s := e.state(ctx)
	for i := first; i < len(e.files); i++ {
		outcomes[i] = e.file(s, i, dots[e.files[i].owner], nil)
		if err := outcomes[i].err; err != nil {
			return e.diagnose(ctx, i, err)
		}
	}
	return nil
}

func (e *execution) state(ctx context.Context) *gotmpl.State {
	limits := gotmpl.Limits{MaxBytes: int(e.renderer.cfg.MaxBytes), MaxDepth: e.renderer.cfg.MaxDepth}
	return gotmpl.NewState(ctx, e.renderer.library, e.set, limits)
}

// setLastTemplates gives every chart's objects the .Template of the last of its
// files among the first n: what a parent sees through .Subcharts.
func (e *execution) setLastTemplates(dots []common.Values, n int) {
	last := map[int]source{}
	for _, s := range e.files[:n] {
		last[s.owner] = s
	}
	for owner, s := range last {
		dots[owner]["Template"] = e.template(s)
	}
}

// template is the object .Template.
func (e *execution) template(s source) common.Values {
	return common.Values{"Name": s.name, "BasePath": e.charts[s.owner].FullPath() + "/templates"}
}

// file renders one file. shared are the maps that it may not change; nil lets
// it change what it likes.
func (e *execution) file(s *gotmpl.State, i int, dot common.Values, shared *sharedMaps) (o outcome) {
	src := e.files[i]
	own := e.template(src)
	dot["Template"] = own
	f := &fileRun{renderer: e.renderer, shared: shared}
	if shared != nil {
		f.own = [2]uintptr{address(dot), address(own)}
	}
	s.Data = f
	defer func() {
		if r := recover(); r != nil {
			o = outcome{err: fmt.Errorf("rendering template failed: %v", r)}
		}
		s.Data = nil
	}()
	text, err := s.Render(src.name, dot)
	if err == nil {
		err = e.count(len(text))
	}
	if err != nil {
		return outcome{err: execError(src.name, err), changes: errors.Is(err, errChanges)}
	}
	o = outcome{file: File{Path: src.name, Content: text}, warnings: f.warnings}
	if e.in.PostRender == nil && !isNotes(src.name) {
		o.set, o.parseErr = manifest.FromFile(o.file)
	}
	return o
}

// count holds the output of all files against the bound.
func (e *execution) count(n int) error {
	if limit := e.renderer.cfg.MaxBytes; e.bytes.Add(int64(n)) > limit {
		return fmt.Errorf("%w: the chart renders to more than %d bytes", ErrTooLarge, limit)
	}
	return nil
}
