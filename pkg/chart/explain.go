package chart

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// Origin is a place that says something of a value.
type Origin struct {
	// Source is a file, a flag with the key that it sets ("--set image.tag"), or
	// the values.yaml of a chart ("charts/db/values.yaml").
	Source string
	// Line and Column count from 1; 0 where they are not known.
	Line, Column int
	// Note says how the value got here: imported, or handed down as a global;
	// empty for most.
	Note string
	// Value is what the place says. Nil is a null, which deletes what is below.
	Value any
}

// String is "file:line:column", as far as it is known, and the note.
func (o Origin) String() string {
	text := o.Source
	if o.Line > 0 {
		text += ":" + strconv.Itoa(o.Line)
		if o.Column > 0 {
			text += ":" + strconv.Itoa(o.Column)
		}
	}
	if o.Note != "" {
		text += " (" + o.Note + ")"
	}
	return text
}

// Explainer tells where the values of a configured chart come from. It is not
// for concurrent use.
type Explainer struct {
	root     *Chart
	layers   []values.Layer
	defaults map[*Chart]values.Layer
}

// Explainer makes an Explainer. layers are what the user's values were made of
// (see values.CollectLayers); without them the user's values have no place.
func (c *Configured) Explainer(layers []values.Layer) *Explainer {
	e := &Explainer{root: c.Chart, defaults: map[*Chart]values.Layer{}}
	for _, l := range layers {
		e.layers = append(e.layers, l.Parsed())
	}
	return e
}

// Explain tells where the value at a path of the values was set: the place that
// counts first, then those that it overrides. The steps of a path are the keys
// of maps and "[0]" for elements of lists. The result is empty for what nobody
// set. For a map the places are those that set the map or a part of it.
func (x *Explainer) Explain(path []string) []Origin {
	e := explainer{Explainer: x}
	// A parent's globals win over those in the section of a subchart.
	at := x.root
	for i, key := range path {
		if key == globalKey && i > 0 {
			e.handedDown(path[:i], path[i:])
			break
		}
		if at = at.subchart(key); at == nil {
			break
		}
	}
	e.plain(path, "")
	return slices.CompactFunc(e.found, func(a, b Origin) bool {
		return a.Source == b.Source && a.Line == b.Line && a.Column == b.Column && reflect.DeepEqual(a.Value, b.Value)
	})
}

// ownValues is the layer of a chart's values.yaml.
func (x *Explainer) ownValues(c *Chart) values.Layer {
	l, ok := x.defaults[c]
	if !ok {
		l = values.Layer{Data: c.rawValues}
		if c.rawValues != nil {
			l = l.Parsed()
		}
		x.defaults[c] = l
	}
	return l
}

// subchart is the dependency of a name, nil where there is none.
func (c *Chart) subchart(name string) *Chart {
	for _, sub := range c.dependencies {
		if sub.Name() == name {
			return sub
		}
	}
	return nil
}

// explainer collects the places that say something of a value, by the rules of
// coalescing, and apart from it: see coalescer, importValues.
type explainer struct {
	*Explainer
	found []Origin
	// hidden says that a value above the path ends the search: what is below
	// cannot be seen.
	hidden bool
}

// handedDown looks for a global in the charts above a section, the root first.
func (e *explainer) handedDown(section, global []string) {
	at := e.root
	for i := range section {
		e.plain(append(slices.Clip(section[:i]), global...), "global of "+at.Name())
		if at = at.subchart(section[i]); at == nil {
			return
		}
	}
}

// plain looks for a path among the user's values and the defaults.
func (e *explainer) plain(path []string, note string) {
	e.hidden = false
	e.user(path, note)
	e.chart(e.root, path, note)
}

// user looks into the user's layers, the last one first.
func (e *explainer) user(full []string, note string) {
	for i := len(e.layers) - 1; i >= 0 && !e.hidden; i-- {
		l := e.layers[i]
		s, ok := l.Lookup(full)
		if !ok {
			continue
		}
		source := l.Name
		if strings.HasPrefix(source, "--") {
			source += " " + dotted(s.Path)
		}
		e.add(Origin{Source: source, Line: s.Line, Column: s.Column, Note: note, Value: s.Value}, len(s.Path) < len(full))
	}
}

// add appends a place. above says that it set a value above the path.
func (e *explainer) add(o Origin, above bool) {
	if above {
		if table, ok := o.Value.(values.Map); !ok || table == nil {
			e.hidden = true
		}
	}
	e.found = append(e.found, o)
}

// chart looks into the defaults of a chart, of its imports, and of the subchart
// that the path leads to.
func (e *explainer) chart(c *Chart, path []string, note string) {
	if e.hidden {
		return
	}
	if s, ok := e.ownValues(c).Lookup(path); ok && c.rawValues != nil {
		e.add(Origin{Source: valuesSource(c), Line: s.Line, Column: s.Column, Note: note, Value: s.Value}, len(s.Path) < len(path))
	}
	e.imports(c, path)
	if len(path) == 0 {
		return
	}
	if sub := c.subchart(path[0]); sub != nil {
		e.chart(sub, path[1:], note)
	}
}

// imports looks into the sections that are imported to where the path leads.
func (e *explainer) imports(c *Chart, path []string) {
	for _, d := range c.metadata.Dependencies {
		for _, entry := range d.ImportValues {
			child, parent, ok := importPaths(entry)
			if !ok {
				continue
			}
			rest := path
			if parent != "." {
				to := strings.Split(parent, ".")
				if len(path) <= len(to) || !slices.Equal(path[:len(to)], to) {
					continue
				}
				rest = path[len(to):]
			}
			from := append(append([]string{d.Name}, strings.Split(child, ".")...), rest...)
			e.imported(c, d.Name, from)
		}
	}
}

// imported looks into the defaults of a dependency, and what the chart says of
// its section, for what is imported.
func (e *explainer) imported(c *Chart, name string, from []string) {
	look := func(of *Chart, path []string) {
		if s, ok := e.ownValues(of).Lookup(path); ok && len(s.Path) == len(path) && of.rawValues != nil {
			e.add(Origin{Source: valuesSource(of), Line: s.Line, Column: s.Column, Note: "imported from " + name, Value: s.Value}, false)
		}
	}
	look(c, from)
	if sub := c.subchart(name); sub != nil {
		look(sub, from[1:])
	}
}

// valuesSource is a chart's values.yaml, as a path from the root chart.
func valuesSource(c *Chart) string {
	_, rest, ok := strings.Cut(c.FullPath(), "/")
	if !ok {
		return valuesFile
	}
	return rest + "/" + valuesFile
}

// dotted is a path as --set takes it.
func dotted(path []string) string {
	var b strings.Builder
	for i, key := range path {
		if strings.HasPrefix(key, "[") {
			b.WriteString(key)
			continue
		}
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(strings.NewReplacer(`\`, `\\`, ".", `\.`, ",", `\,`, "=", `\=`, "[", `\[`).Replace(key))
	}
	return b.String()
}
