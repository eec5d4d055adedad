package chart

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// enable settles which subcharts of c, a chart that nobody else holds, take
// part, and under which names. vals are the values of the root chart, and path
// is where c's values are in them: empty, or ending in a dot. The rules are
// Helm's.
func (cf *configurer) enable(c *Chart, vals values.Map, path string) error {
	if c.metadata.Dependencies == nil {
		return nil
	}
	var err error
	if c.dependencies, err = cf.resolve(c); err != nil {
		return err
	}
	for _, d := range c.metadata.Dependencies {
		d.Name = d.effectiveName()
		d.Enabled = true
	}
	seen, err := cf.decisive(c, vals)
	if err != nil {
		return err
	}
	for _, d := range c.metadata.Dependencies {
		cf.applyTags(d, seen)
		cf.applyConditions(d, seen, path)
	}
	c.dropDisabled()
	for _, sub := range c.dependencies {
		if err := cf.enable(sub, seen, path+sub.Name()+"."); err != nil {
			return err
		}
	}
	return nil
}

// resolve returns the subcharts that no declaration names, followed by what
// each declaration names: a copy of the first chart of the right name and
// version.
func (cf *configurer) resolve(c *Chart) ([]*Chart, error) {
	var out []*Chart
	for _, sub := range c.dependencies {
		if !slices.ContainsFunc(c.metadata.Dependencies, sub.satisfies) {
			out = append(out, sub)
		}
	}
	for _, d := range c.metadata.Dependencies {
		for _, sub := range c.dependencies {
			if !sub.satisfies(d) {
				continue
			}
			if err := cf.takeCharts(sub); err != nil {
				return nil, err
			}
			named := sub.clone(c)
			if d.Alias != "" {
				named.metadata.Name = d.Alias
			}
			out = append(out, named)
			break
		}
	}
	return out, nil
}

// decisive are the values by which c's tags and conditions are decided: vals,
// with c's defaults below them. What c has no say in is shared with vals.
func (cf *configurer) decisive(c *Chart, vals values.Map) (values.Map, error) {
	if err := cf.takeDefaults(c); err != nil {
		return nil, err
	}
	seen := maps.Clone(vals)
	if seen == nil {
		seen = values.Map{}
	}
	own := func(key string) error {
		v, ok := vals[key]
		if !ok {
			return nil
		}
		seen[key] = cloneValue(v)
		return cf.takeValues(v)
	}
	for key := range c.values {
		if err := own(key); err != nil {
			return nil, err
		}
	}
	for _, sub := range c.dependencies {
		if err := own(sub.Name()); err != nil {
			return nil, err
		}
	}
	return seen, (&coalescer{}).chart(c, seen, "")
}

// satisfies says whether the chart is what a declaration asks for.
func (c *Chart) satisfies(d *Dependency) bool {
	if c.Name() != d.Name {
		return false
	}
	v, err := semver.NewVersion(c.metadata.Version)
	if err != nil {
		return false
	}
	constraint, err := semver.NewConstraint(d.Version)
	return err == nil && constraint.Check(v)
}

// applyTags decides by the tags of the root chart's values: one that is true
// enables, else one that is false disables.
func (cf *configurer) applyTags(d *Dependency, vals values.Map) {
	tags, ok := vals["tags"].(values.Map)
	if !ok {
		return
	}
	var hasTrue, hasFalse bool
	for _, tag := range d.Tags {
		v, exists := tags[tag]
		if !exists {
			continue
		}
		on, ok := v.(bool)
		if !ok {
			cf.warnf("returned non-bool value for tag %q of dependency %q", tag, d.Name)
			continue
		}
		hasTrue = hasTrue || on
		hasFalse = hasFalse || !on
	}
	d.Enabled = hasTrue || !hasFalse
}

// applyConditions decides by the first of the condition's paths that is set to
// a boolean.
func (cf *configurer) applyConditions(d *Dependency, vals values.Map, path string) {
	for condition := range strings.SplitSeq(strings.TrimSpace(d.Condition), ",") {
		if condition == "" {
			continue
		}
		v, exists := values.Lookup(vals, path+condition)
		if _, isTable := v.(values.Map); !exists || isTable {
			continue
		}
		if on, ok := v.(bool); ok {
			d.Enabled = on
			return
		}
		cf.warnf("returned non-bool value for condition %q of dependency %q", path+condition, d.Name)
	}
}

// dropDisabled removes the declarations that are not enabled, and the
// subcharts of their names.
func (c *Chart) dropDisabled() {
	disabled := map[string]bool{}
	for _, d := range c.metadata.Dependencies {
		if !d.Enabled {
			disabled[d.Name] = true
		}
	}
	c.dependencies = slices.DeleteFunc(c.dependencies, func(sub *Chart) bool { return disabled[sub.Name()] })
	c.metadata.Dependencies = slices.DeleteFunc(c.metadata.Dependencies, func(d *Dependency) bool { return disabled[d.Name] })
	if len(c.metadata.Dependencies) == 0 {
		c.metadata.Dependencies = nil
	}
}

// importValues takes into the defaults of c what its declarations import from
// subcharts, those below first. User values have no part in it.
func (cf *configurer) importValues(c *Chart) error {
	for _, sub := range c.dependencies {
		if err := cf.importValues(sub); err != nil {
			return err
		}
	}
	if c.metadata.Dependencies == nil {
		return nil
	}
	if err := cf.takeDefaults(c); err != nil {
		return err
	}
	all := values.Map{}
	if err := (&coalescer{keepNull: true}).chart(c, all, ""); err != nil {
		return err
	}
	imported := values.Map{}
	keep := values.TableOptions{KeepNull: true}
	for _, d := range c.metadata.Dependencies {
		var normal []any
		for _, entry := range d.ImportValues {
			child, parent, ok := importPaths(entry)
			if !ok {
				continue
			}
			normal = append(normal, map[string]any{"child": child, "parent": parent})
			table, err := values.Table(all, d.Name+"."+child)
			if err != nil {
				cf.warnf("ImportValues missing table from chart %s: %v", d.Name, err)
				continue
			}
			if err := cf.takeTree(table, strings.Count(parent, ".")); err != nil {
				return err
			}
			values.MergeTables(imported, nest(parent, values.Clone(table)), keep)
		}
		d.ImportValues = normal
	}
	c.values = values.MergeTables(all, imported, keep)
	return nil
}

// importPaths are the source and the target of an entry of import-values.
func importPaths(entry any) (child, parent string, ok bool) {
	switch entry := entry.(type) {
	case string:
		return "exports." + entry, ".", true
	case map[string]any:
		return fmt.Sprint(entry["child"]), fmt.Sprint(entry["parent"]), true
	}
	return "", "", false
}

// nest puts a table at a path of keys; "." is the root.
func nest(path string, table values.Map) values.Map {
	if path == "." {
		return table
	}
	keys := strings.Split(path, ".")
	slices.Reverse(keys)
	for _, key := range keys {
		table = values.Map{key: table}
	}
	return table
}
