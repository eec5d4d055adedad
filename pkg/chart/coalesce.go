package chart

import (
	"fmt"
	"maps"
	"slices"

	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// globalKey is the section of values that every subchart gets to see.
const globalKey = "global"

// CoalesceValues lays a user's values over a chart's defaults, by the rules
// for a chart without subcharts: what a release record holds, whose defaults
// include those of the subcharts. The result shares lists with the user's.
func CoalesceValues(defaults, user values.Map) values.Map {
	out := values.CloneTables(user)
	(&coalescer{}).defaults(&Chart{metadata: &Metadata{}, values: defaults}, out, "")
	return out
}

// coalescer lays values over the defaults of a tree of charts. The rules are
// those of Helm 4, except that nothing is shared between sections, so that no
// chart's globals leak into another's.
type coalescer struct {
	// keepNull keeps nulls: what is being made are defaults, over which
	// values will be laid once more.
	keepNull bool
	warn     func(string)
}

func (m *coalescer) warnf(format string, args ...any) {
	if m.warn != nil {
		m.warn(fmt.Sprintf(format, args...))
	}
}

// chart adds to dst what it lacks of the defaults of c and of all below it.
func (m *coalescer) chart(c *Chart, dst values.Map, prefix string) error {
	m.defaults(c, dst, prefix)
	for _, sub := range c.dependencies {
		name := sub.Name()
		section, exists := dst[name]
		table, ok := section.(values.Map)
		if exists && !ok {
			if _, isText := section.(string); isText {
				section = "…" // it may be secret
			}
			// The text is Helm's, odd formatting and all.
			return fmt.Errorf("type mismatch on %s: %t", name, section)
		}
		if table == nil {
			table = values.Map{}
			dst[name] = table
		}
		m.globals(table, dst)
		if err := m.chart(sub, table, join(prefix, c.Name())); err != nil {
			return err
		}
	}
	return nil
}

// defaults adds to dst what it lacks of the defaults of c alone.
func (m *coalescer) defaults(c *Chart, dst values.Map, prefix string) {
	path := join(prefix, c.Name())
	for _, key := range slices.Sorted(maps.Keys(c.values)) {
		below := c.values[key]
		above, exists := dst[key]
		if !exists {
			m.add(dst, key, below)
			continue
		}
		if above == nil {
			if !m.keepNull {
				delete(dst, key)
			}
			continue
		}
		dstTable, ok := above.(values.Map)
		if !ok {
			continue
		}
		srcTable, ok := below.(values.Map)
		if !ok {
			if below != nil {
				m.warnf("warning: skipped value for %s.%s: Not a table.", path, key)
			}
			continue
		}
		// What is laid over a subchart's section keeps its nulls: they are to
		// delete the subchart's own defaults.
		keepNull := m.keepNull || c.hasSubchart(key)
		if !keepNull {
			srcTable = values.DropNulls(srcTable)
		}
		values.MergeTables(dstTable, srcTable, values.TableOptions{KeepNull: keepNull, Prefix: join(path, key), Warn: m.warn})
	}
}

// add copies a default that dst has nothing for.
func (m *coalescer) add(dst values.Map, key string, below any) {
	table, isTable := below.(values.Map)
	switch {
	case isTable && m.keepNull:
		dst[key] = values.Clone(table)
	case isTable:
		dst[key] = values.DropNulls(table)
	case below == nil && !m.keepNull:
	default:
		dst[key] = values.CloneValue(below)
	}
}

// cloneValue copies a value as values.CloneTables does.
func cloneValue(v any) any {
	if table, ok := v.(values.Map); ok && table != nil {
		return values.CloneTables(table)
	}
	return v
}

func (c *Chart) hasSubchart(name string) bool {
	return slices.ContainsFunc(c.dependencies, func(sub *Chart) bool { return sub.Name() == name })
}

// globals hands the globals of a parent's values down to a subchart's section.
// The parent's win.
func (m *coalescer) globals(section, parent values.Map) {
	dst, ok := table(section, globalKey)
	if !ok {
		m.warnf("warning: skipping globals because destination %s is not a table.", globalKey)
		return
	}
	src, ok := table(parent, globalKey)
	if !ok {
		m.warnf("warning: skipping globals because source %s is not a table.", globalKey)
		return
	}
	for _, key := range slices.Sorted(maps.Keys(src)) {
		above, isTable := src[key].(values.Map)
		below, exists := dst[key]
		belowTable, belowIsTable := below.(values.Map)
		switch {
		case isTable && !exists:
			dst[key] = values.CloneTables(above)
		case isTable && belowIsTable:
			dst[key] = values.MergeTables(values.CloneTables(above), belowTable, values.TableOptions{KeepNull: true, Prefix: key, Warn: m.warn})
		case isTable:
			m.warnf("Conflict: cannot merge map onto non-map for %q. Skipping.", key)
		case belowIsTable:
			m.warnf("key %s is table. Skipping", key)
		default:
			dst[key] = cloneValue(src[key])
		}
	}
	section[globalKey] = dst
}

// table is the map under a key: a new one where there is none, false where
// there is something else.
func table(m values.Map, key string) (values.Map, bool) {
	v, exists := m[key]
	if !exists {
		return values.Map{}, true
	}
	t, ok := v.(values.Map)
	return t, ok && t != nil
}

func join(prefix, key string) string {
	if prefix == "" {
		return key
	}
	return prefix + "." + key
}
