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
	values   values.Map
	layers   []values.Layer
	defaults map[*Chart]values.Layer
}

// Explainer makes an Explainer. layers are what the user's values were made of
// (see values.CollectLayers); without them the user's values have no place.
func (c *Configured) Explainer(layers []values.Layer) *Explainer {
	e := &Explainer{root: c.Chart, values: c.Values, defaults: map[*Chart]values.Layer{}}
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
	e.settle(path)
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
	from := len(section)
	for from > 0 && len(global) > 1 && e.handsDown(section[:from-1], section[from-1], global[1]) {
		from--
	}
	// from is the first chart whose globals get to the section.
	at := e.root
	for i := range section {
		if i >= from {
			e.plain(append(slices.Clip(section[:i]), global...), "global of "+at.Name())
		}
		if at = at.subchart(section[i]); at == nil {
			return
		}
	}
}

// settle puts first what has the value that counts. Where a chart imports
// values, its defaults take in the globals of its parents before the user's
// values are known, and what was handed down then can be what counts.
func (e *explainer) settle(path []string) {
	v, exists := e.at(path)
	counts := func(o Origin) bool { return reflect.DeepEqual(o.Value, v) }
	if _, isTable := v.(values.Map); !exists || isTable || len(e.found) > 0 && counts(e.found[0]) {
		return
	}
	if i := slices.Index(path, globalKey); i > 0 {
		before := e.found
		for depth := range i {
			e.found = nil
			e.plain(append(slices.Clip(path[:depth]), path[i:]...), "global handed down")
			before = append(before, slices.DeleteFunc(e.found, func(o Origin) bool { return !counts(o) })...)
		}
		e.found = before
	}
	if i := slices.IndexFunc(e.found, counts); i > 0 {
		first := e.found[i]
		e.found = slices.Insert(slices.Delete(e.found, i, i+1), 0, first)
	}
}

// handsDown says whether a global key of a section gets to a subchart: it does
// not if one has a map there and the other has not.
func (e *explainer) handsDown(section []string, sub, key string) bool {
	parent, exists := e.at(append(slices.Clip(section), globalKey, key))
	if !exists {
		return true // what is not there hides nothing
	}
	child, _ := e.at(append(slices.Clip(section), sub, globalKey, key))
	_, parentIsTable := parent.(values.Map)
	_, childIsTable := child.(values.Map)
	return parentIsTable == childIsTable
}

// at is the value at a path of maps.
func (e *explainer) at(path []string) (any, bool) {
	var node any = e.values
	for _, key := range path {
		table, _ := node.(values.Map)
		var ok bool
		if node, ok = table[key]; !ok {
			return nil, false
		}
	}
	return node, true
}

// plain looks for a path among the user's values and the defaults.
func (e *explainer) plain(path []string, note string) {
	e.hidden = false
	e.user(path, note)
	e.chart(e.root, path, path, note)
}

// user looks into the user's layers, the last one first.
func (e *explainer) user(full []string, note string) {
	for i := len(e.layers) - 1; i >= 0 && !e.hidden; i-- {
		l := e.layers[i]
		s, ok := l.Lookup(full)
		if !ok {
			continue
		}
		if e.passedOver(full, s, full) {
			return // a map has replaced it, and with it what layers below have here
		}
		source := l.Name
		if strings.HasPrefix(source, "--") {
			source += " " + values.JoinPath(s.Path)
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

// passedOver says whether a default is none: it is no map, and stands above the
// path where something of higher priority has a map. full is path from the root.
func (e *explainer) passedOver(path []string, s values.Setting, full []string) bool {
	if len(s.Path) == len(path) {
		return false
	}
	above, _ := e.at(full[:len(full)-len(path)+len(s.Path)])
	_, isTable := above.(values.Map)
	return isTable
}

// chart looks into the defaults of a chart, of its imports, and of the subchart
// that the path leads to. full is path from the root.
func (e *explainer) chart(c *Chart, path, full []string, note string) {
	if e.hidden {
		return
	}
	if s, ok := e.ownValues(c).Lookup(path); ok && c.rawValues != nil && !e.passedOver(path, s, full) {
		e.add(Origin{Source: valuesSource(c), Line: s.Line, Column: s.Column, Note: note, Value: s.Value}, len(s.Path) < len(path))
	}
	e.imports(c, path)
	if len(path) == 0 {
		return
	}
	if sub := c.subchart(path[0]); sub != nil {
		e.chart(sub, path[1:], full, note)
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
