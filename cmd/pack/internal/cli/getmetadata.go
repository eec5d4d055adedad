package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// metadataOutput is a revision in the output of "get metadata".
type metadataOutput struct {
	Name         string              `json:"name"`
	Chart        string              `json:"chart"`
	Version      string              `json:"version"`
	AppVersion   string              `json:"appVersion"`
	Annotations  map[string]string   `json:"annotations,omitempty"`
	Labels       map[string]string   `json:"labels,omitempty"`
	Dependencies []*chart.Dependency `json:"dependencies,omitempty"`
	Namespace    string              `json:"namespace"`
	Revision     int                 `json:"revision"`
	Status       string              `json:"status"`
	DeployedAt   string              `json:"deployedAt"`
	ApplyMethod  string              `json:"applyMethod,omitempty"`
}

func newGetMetadataCmd(s *session) *cobra.Command {
	var r revisionFlag
	var output outputFormat
	cmd := &cobra.Command{
		Use:   "metadata RELEASE_NAME",
		Short: "show the chart and the labels of a release, and how it was applied",
		Args:  exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			rel, err := r.fetch(cmd.Context(), s, args[0])
			if err != nil {
				return err
			}
			if s.isMemory() {
				rel.Labels = release.MergeLabels(rel.Labels, nil) // nothing has put others on it
			}
			return output.write(s.Out, newMetadataOutput(rel), func(w io.Writer) error { return writeMetadata(w, rel) })
		},
		ValidArgsFunction: s.completeRelease,
	}
	r.add(s, cmd)
	s.addOutputFlag(cmd, &output)
	return cmd
}

func newMetadataOutput(rel *release.Release) metadataOutput {
	m := metadataOf(rel)
	return metadataOutput{
		Name: rel.Name, Chart: m.Name, Version: m.Version, AppVersion: m.AppVersion,
		Annotations: m.Annotations, Labels: rel.Labels, Dependencies: m.Dependencies,
		Namespace: rel.Namespace, Revision: rel.Version, Status: string(rel.Info.Status),
		DeployedAt: rel.Info.LastDeployed.Format(time.RFC3339), ApplyMethod: string(rel.ApplyMethod),
	}
}

// metadataOf is a record's Chart.yaml; a damaged record may have none.
func metadataOf(rel *release.Release) *chart.Metadata {
	if rel.Chart == nil || rel.Chart.Metadata == nil {
		return &chart.Metadata{}
	}
	return rel.Chart.Metadata
}

func writeMetadata(w io.Writer, rel *release.Release) error {
	out := newMetadataOutput(rel)
	names := make([]string, 0, len(out.Dependencies))
	for _, d := range out.Dependencies {
		names = append(names, d.Name)
	}
	slices.Sort(names)
	method := map[release.ApplyMethod]string{
		release.ServerSide: "server-side apply",
		release.ClientSide: "client-side apply",
		"":                 "client-side apply (defaulted)",
	}[rel.ApplyMethod]
	_, err := fmt.Fprintf(w, `NAME: %s
CHART: %s
VERSION: %s
APP_VERSION: %s
ANNOTATIONS: %s
LABELS: %s
DEPENDENCIES: %s
NAMESPACE: %s
REVISION: %d
STATUS: %s
DEPLOYED_AT: %s
APPLY_METHOD: %s
`, out.Name, out.Chart, out.Version, out.AppVersion, pairs(out.Annotations), pairs(out.Labels),
		strings.Join(names, ","), out.Namespace, out.Revision, out.Status, out.DeployedAt, method)
	return err
}

// pairs prints a map as "a=1,b=2", sorted.
func pairs(m map[string]string) string {
	list := make([]string, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		list = append(list, k+"="+m[k])
	}
	return strings.Join(list, ",")
}
