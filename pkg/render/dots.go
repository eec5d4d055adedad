package render

import (
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/common"
	"github.com/seed-0d4f92cc/pack/internal/engine"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// helmVersion is the version of Helm that charts are told: they test it, and
// it is Helm's behaviour that they get.
func helmVersion() common.BuildInfo {
	return common.BuildInfo{Version: "v4.3", GoVersion: "go1.26.8", KubeClientVersion: "v1.37"}
}

// newDots builds the objects that templates start from, one map for each chart
// of a tree as flatten lists it. Key "Template" is missing: it is the file's.
func newDots(charts []*chart.Chart, tree values.Map, in Input) []common.Values {
	d := dots{
		release: map[string]any{
			"Name":      in.Release.Name,
			"Namespace": in.Release.Namespace,
			"Revision":  in.Release.Revision,
			"IsInstall": in.Release.IsInstall,
			"IsUpgrade": in.Release.IsUpgrade,
			"Service":   "Helm",
		},
		capabilities: &common.Capabilities{
			KubeVersion: in.Capabilities.KubeVersion.object(),
			APIVersions: in.Capabilities.APIVersions,
			HelmVersion: helmVersion(),
		},
		list: make([]common.Values, 0, len(charts)),
	}
	d.add(charts[0], tree)
	return d.list
}

func (v KubeVersion) object() common.KubeVersion {
	return common.NewKubeVersion(v.Version, v.Normalized, v.Major, v.Minor)
}

// dots are the objects in the making, and those that all charts share.
type dots struct {
	release      map[string]any
	capabilities *common.Capabilities
	list         []common.Values
}

// add appends the objects of a chart and those of its subcharts.
func (d *dots) add(c *chart.Chart, tree values.Map) common.Values {
	if tree == nil {
		tree = values.Map{}
	}
	subcharts := map[string]any{}
	dot := common.Values{
		"Values":       common.Values(tree),
		"Chart":        chartObject(c),
		"Release":      d.release,
		"Capabilities": d.capabilities,
		"Files":        fileObject(c.Files()),
		"Subcharts":    subcharts,
	}
	d.list = append(d.list, dot)
	for _, sub := range c.Dependencies() {
		subcharts[sub.Name()] = map[string]any(d.add(sub, section(tree, sub.Name())))
	}
	return dot
}

// section is the part of a tree of values that is a subchart's. Helm takes a
// dot in the subchart's name for a step down, so that such a chart does not see
// its values; charts render the same here.
func section(tree values.Map, name string) values.Map {
	for key := range strings.SplitSeq(name, ".") {
		tree, _ = tree[key].(map[string]any)
	}
	return tree
}

func fileObject(list []chart.File) any {
	contents := make(map[string][]byte, len(list))
	for _, f := range list {
		contents[f.Name] = f.Data
	}
	return engine.Files(contents)
}
