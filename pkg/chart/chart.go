// Package chart reads Helm charts, from any fs.FS or from a .tgz, under
// limits, and settles which subcharts and which values a rendering gets.
//
// A Chart never changes: it can be cached, shared and rendered by many
// goroutines at once.
package chart

import (
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// Chart is a chart with its subcharts. What its methods return is shared:
// callers must not change it.
type Chart struct {
	metadata     *Metadata
	lock         *Lock
	values       values.Map
	rawValues    []byte
	schema       *File
	templates    []File
	files        []File
	raw          []File
	dependencies []*Chart
	parent       *Chart
}

// Metadata is the content of Chart.yaml, as sanitised on load.
func (c *Chart) Metadata() *Metadata { return c.metadata }

// Name is the chart's name; in a configured chart an alias, if there is one.
func (c *Chart) Name() string { return c.metadata.Name }

// Lock is the content of the lock file, nil where there is none.
func (c *Chart) Lock() *Lock { return c.lock }

// Values are the chart's defaults. In a configured chart they include what
// was imported from subcharts.
func (c *Chart) Values() values.Map { return c.values }

// RawValues are the bytes of values.yaml, nil where there is none.
func (c *Chart) RawValues() []byte { return c.rawValues }

// Schema is values.schema.json, nil where there is none.
func (c *Chart) Schema() *File { return c.schema }

// Templates are the files below templates/, in load order.
func (c *Chart) Templates() []File { return c.templates }

// Files are all files that are neither templates, values, schema, metadata,
// lock nor parts of subcharts: what templates reach through .Files.
func (c *Chart) Files() []File { return c.files }

// Dependencies are the subcharts, in the order of values precedence.
func (c *Chart) Dependencies() []*Chart { return c.dependencies }

// IsRoot says whether the chart is not a subchart.
func (c *Chart) IsRoot() bool { return c.parent == nil }

// FullPath is the chart's path in template names: "parent/charts/child".
func (c *Chart) FullPath() string {
	if c.parent == nil {
		return c.Name()
	}
	return c.parent.FullPath() + "/charts/" + c.Name()
}

// Configured is a chart made ready for one set of user values.
type Configured struct {
	// Chart is a copy of the tree with disabled subcharts gone, aliases
	// applied and imported values in the defaults.
	Chart *Chart
	// User are the values that were given.
	User values.Map
	// Values are the user's values over the defaults of the whole tree.
	Values values.Map
	// Warnings are what the merge had to skip, in order.
	Warnings []string
}
