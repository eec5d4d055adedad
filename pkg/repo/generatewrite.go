package repo

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/fastyaml"
	"github.com/seed-0d4f92cc/pack/internal/parallel"
	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// indexForm is a language of indexes.
type indexForm struct {
	before, between, after string
	// none stands for all between before and after where there are no charts.
	none  string
	chart func(name string, versions []*looseVersion) ([]byte, error)
	// order is that of the names.
	order func(a, b string) int
}

func (g *generator) form() (indexForm, error) {
	if g.opts.JSON {
		generated, err := json.Marshal(g.now)
		return indexForm{
			before:  "{\n  \"apiVersion\": \"v1\",\n  \"generated\": " + string(generated) + ",\n  \"entries\": {",
			between: ",",
			after:   "\n  }\n}",
			none:    "{\n  \"apiVersion\": \"v1\",\n  \"generated\": " + string(generated) + ",\n  \"entries\": {}\n}",
			chart:   chartInJSON,
			order:   strings.Compare,
		}, err
	}
	generated, err := yamlio.Marshal(map[string]any{"generated": g.now})
	return indexForm{
		before: "apiVersion: v1\nentries:\n",
		after:  string(generated),
		none:   "apiVersion: v1\nentries: {}\n" + string(generated),
		chart:  chartInYAML,
		order:  fastyaml.CompareKeys,
	}, err
}

// chartInYAML is a chart as it stands in an index. It is written as a part of
// one, because where lines are folded depends on how far they are indented.
func chartInYAML(name string, versions []*looseVersion) ([]byte, error) {
	const head = "entries:\n"
	list := make([]any, len(versions))
	for i, v := range versions {
		list[i] = v.tree()
	}
	text, err := yamlio.Marshal(map[string]any{"entries": map[string]any{name: list}})
	return bytes.TrimPrefix(text, []byte(head)), err
}

func chartInJSON(name string, versions []*looseVersion) ([]byte, error) {
	key, err := json.Marshal(name)
	if err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(versions, "    ", "  ")
	return append(append([]byte("\n    "), append(key, ": "...)...), text...), err
}

// write writes the index: chart by chart, so that an index that is merged is
// never in memory.
func (g *generator) write(ctx context.Context, w io.Writer) error {
	form, err := g.form()
	if err != nil {
		return err
	}
	names := slices.SortedFunc(maps.Keys(g.charts), form.order)
	if len(names) == 0 {
		_, err := io.WriteString(w, form.none)
		return err
	}
	if _, err := io.WriteString(w, form.before); err != nil {
		return err
	}
	// Some at a time: as many workers write them, and one puts them in order.
	const batch = 64
	first := true
	for some := range slices.Chunk(names, batch) {
		if err := ctx.Err(); err != nil {
			return err
		}
		texts := make([][]byte, len(some))
		errs := make([]error, len(some))
		done := parallel.Do(g.opts.Workers, len(some), func(i int) bool {
			texts[i], errs[i] = g.text(form, some[i])
			return errs[i] == nil
		})
		if done < len(some) {
			return errs[done]
		}
		for _, text := range texts {
			if !first {
				text = append([]byte(form.between), text...)
			}
			first = false
			if _, err := w.Write(text); err != nil {
				return err
			}
		}
	}
	_, err = io.WriteString(w, form.after)
	return err
}

// text is one chart.
func (g *generator) text(form indexForm, name string) ([]byte, error) {
	versions, err := g.versions(name)
	if err != nil {
		return nil, err
	}
	return form.chart(name, versions)
}
