package archtest_test

import (
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
)

// mayImport are the packages of pkg/ that each of them may import. A package
// that is not here may not be added without a decision.
var mayImport = map[string][]string{
	"pkg/values":              {},
	"pkg/manifest":            {},
	"pkg/chart":               {"pkg/values"},
	"pkg/render":              {"pkg/chart", "pkg/manifest", "pkg/values"},
	"pkg/lint":                {"pkg/chart", "pkg/manifest", "pkg/render", "pkg/values"},
	"pkg/release":             {"pkg/chart", "pkg/manifest", "pkg/render", "pkg/values"},
	"pkg/release/memory":      {"pkg/release", "pkg/manifest", "pkg/render"},
	"pkg/release/releasetest": {"pkg/release", "pkg/release/memory", "pkg/chart", "pkg/manifest", "pkg/render", "pkg/values"},
	"pkg/kube":                {"pkg/release", "pkg/manifest", "pkg/render", "pkg/values"},
	"pkg/plugin":              {"pkg/provenance", "pkg/repo"},
	"pkg/provenance":          {},
	"pkg/provenance/openpgp":  {"pkg/provenance"},
	"pkg/repo":                {"pkg/chart", "pkg/provenance"},
	"pkg/repo/cosign":         {},
	"pkg/repo/dependency":     {"pkg/repo", "pkg/chart"},
	"pkg/repo/policy":         {"pkg/repo", "pkg/chart", "pkg/repo/cosign", "pkg/provenance/openpgp"},
	"pkg/repo/oci":            {"pkg/repo", "pkg/chart"},
}

func TestImportDirections(t *testing.T) {
	t.Parallel()
	tr := load(t)
	for name, p := range tr.pkgs {
		own, _ := p.imports()
		for _, imported := range own {
			switch {
			case strings.HasPrefix(imported, "cmd/") && !strings.HasPrefix(name, "cmd/"):
				t.Errorf("%s imports %s: nothing imports the command", name, imported)
			case strings.HasPrefix(name, "internal/") && strings.HasPrefix(imported, "pkg/"):
				t.Errorf("%s imports %s: a mechanism knows nothing of charts or releases", name, imported)
			}
		}
		if !strings.HasPrefix(name, "pkg/") {
			continue
		}
		allowed, known := mayImport[name]
		if !known {
			t.Errorf("%s is a new package: give it its place in mayImport and in docs/architecture.md", name)
		}
		for _, imported := range own {
			if strings.HasPrefix(imported, "pkg/") && !slices.Contains(allowed, imported) {
				t.Errorf("%s imports %s, and may import only %v", name, imported, allowed)
			}
		}
	}
}

// k8sAllowed are the packages that may link Kubernetes' libraries.
var k8sAllowed = []string{"pkg/kube", "cmd/pack/internal/cli"}

func TestKubernetesAtTheRim(t *testing.T) {
	t.Parallel()
	for name, p := range load(t).pkgs {
		if slices.Contains(k8sAllowed, name) {
			continue
		}
		_, foreign := p.imports()
		for _, imported := range foreign {
			// sigs.k8s.io/yaml is a YAML library without Kubernetes in it.
			if strings.Contains(imported, "k8s.io/") && imported != "sigs.k8s.io/yaml" {
				t.Errorf("%s imports %s: Kubernetes belongs to pkg/kube", name, imported)
			}
		}
	}
}

// budgets are how many third-party packages an importer may come to link.
var budgets = map[string]int{
	"pkg/values":   5,
	"pkg/manifest": 5,
	"pkg/chart":    20,
	"pkg/render":   40,
	"pkg/release":  60,
	"pkg/repo":     60,
	"pkg/repo/oci": 60,
}

func TestDependencyBudgets(t *testing.T) {
	t.Parallel()
	tr := load(t)
	for name, budget := range budgets {
		if tr.pkgs[name] == nil {
			continue // a package of a later day
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			linked := thirdParty(t, tr, name)
			t.Logf("%s links %d third-party packages of %d", name, len(linked), budget)
			if len(linked) > budget {
				t.Errorf("%s links %d third-party packages, and may link %d:\n%s",
					name, len(linked), budget, strings.Join(linked, "\n"))
			}
			for _, l := range linked {
				if strings.HasPrefix(l, "k8s.io/") {
					t.Errorf("%s links %s", name, l)
				}
			}
		})
	}
}

// thirdParty lists what name links from other modules. Which packages are
// imported is read from the sources; only their own imports are asked of go.
func thirdParty(t *testing.T, tr *tree, name string) []string {
	t.Helper()
	direct := map[string]bool{}
	for _, reached := range tr.reach(name) {
		_, foreign := tr.pkgs[reached].imports()
		for _, f := range foreign {
			direct[f] = true
		}
	}
	if len(direct) == 0 {
		t.Fatalf("%s imports nothing: the walk is broken", name)
	}
	args := []string{"list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}"}
	for f := range direct {
		args = append(args, f)
	}
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = filepath.Join("..", "..")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	linked := strings.Fields(string(out))
	sort.Strings(linked)
	return linked
}
