package cli

import (
	"io"
	"strconv"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// explainReleaseValues prints the values that a release was rendered with, and
// who set each. A record holds the user's values and the defaults of its charts,
// as trees: the files and lines that they came from are not in it.
func explainReleaseValues(w io.Writer, rel *release.Release, output outputFormat) error {
	user := "set for revision " + strconv.Itoa(rel.Version)
	v := valuesView{tree: release.ComputedValues(rel), explain: func(path []string) []chart.Origin {
		var origins []chart.Origin
		if x, ok := values.At(rel.Config, path); ok {
			origins = append(origins, chart.Origin{Source: user, Value: x})
		}
		if rel.Chart == nil {
			return origins
		}
		if x, ok := values.At(rel.Chart.Values, path); ok {
			origins = append(origins, chart.Origin{Source: "default of the chart", Value: x})
		}
		return origins
	}}
	if output == formatTable {
		output = formatYAML
	}
	return v.write(w, nil, output, true)
}
