package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/internal/testregistry"
)

// TestInteropDependency settles and vendors the dependencies of one chart with
// both tools in turn: either takes the other's lock file, and both put the same
// charts into the charts folder.
func TestInteropDependency(t *testing.T) {
	t.Parallel()
	if os.Getenv("HELM4") == "" && os.Getenv("HELM3") == "" {
		t.Skip("HELM4 and HELM3 name no binaries; `make interop` builds them")
	}
	pack := tool{"pack", packAlone(t)}
	for _, helm := range []tool{{"helm4", os.Getenv("HELM4")}, {"helm3", os.Getenv("HELM3")}} {
		for _, api := range []string{"v1", "v2"} {
			if helm.path == "" {
				continue
			}
			t.Run(helm.name+"-"+api, func(t *testing.T) {
				t.Parallel()
				// Neither tool's requests are logged in.
				h := newHands(t, testregistry.Config{Binary: os.Getenv("PACK_REGISTRY")})
				h.flags = append(h.flags, "--skip-refresh")
				d := &dependent{hands: h, api: api}
				d.prepare(pack)
				for _, pair := range [][2]tool{{pack, helm}, {helm, pack}} {
					d.handOver(pair[0], pair[1])
				}
				d.contents(pack, helm)
			})
		}
	}
}

// dependent is a chart with dependencies from every kind of place.
type dependent struct {
	*hands
	api  string
	lock string
}

// prepare fills a repository and the registry, and writes the chart.
func (d *dependent) prepare(pack tool) {
	d.t.Helper()
	for _, full := range []string{"db-1.0.0", "db-1.4.0+b", "db-2.0.0", "cache-0.2.0", "cache-0.3.1"} {
		name, version, _ := strings.Cut(full, "-")
		d.write("src/"+name+"/Chart.yaml", []byte("apiVersion: v2\nname: "+name+"\nversion: "+version+"\n"))
		d.run(pack, "package", "src/"+name, "-d", "served")
		d.run(pack, "push", "served/"+full+".tgz", "oci://"+d.address+"/charts", "--plain-http")
	}
	d.run(pack, "repo", "index", "served")
	srv := httptest.NewServer(http.FileServer(http.Dir(filepath.Join(d.home, "served"))))
	d.t.Cleanup(srv.Close)
	d.run(pack, "repo", "add", "served", srv.URL)
	dependencies := `dependencies:
- {name: db, version: ^1, repository: "@served", alias: first, condition: first.enabled}
- {name: db, version: ">=2 <3", repository: "` + srv.URL + `/", alias: second, tags: [x, "<&>"]}
- {name: cache, version: ~0.2.0, repository: "oci://` + d.address + `/charts", import-values: [data, {child: a, parent: b}]}
- {name: cache, version: 0.3.1, repository: "oci://` + d.address + `/charts", alias: newer}
- {name: local, version: "*", repository: "file://../local"}
- {name: own, version: ^0.1, repository: ""}
`
	head := "apiVersion: " + d.api + "\nname: app\nversion: 0.1.0\n"
	if d.api == "v1" {
		d.lock = "app/requirements.lock"
		d.write("app/Chart.yaml", []byte(head))
		d.write("app/requirements.yaml", []byte(dependencies))
	} else {
		d.lock = "app/Chart.lock"
		d.write("app/Chart.yaml", []byte(head+dependencies))
	}
	d.write("app/charts/own/Chart.yaml", []byte("apiVersion: v2\nname: own\nversion: 0.1.7\n"))
	d.write("local/Chart.yaml", []byte("apiVersion: v2\nname: local\nversion: 0.5.0\n"))
}

// handOver lets one tool lock, and the other build and find nothing to lock.
func (d *dependent) handOver(first, second tool) {
	d.t.Helper()
	d.clean()
	d.run(first, append([]string{"dependency", "update", "app"}, d.flags...)...)
	want := []string{"cache-0.2.0.tgz", "cache-0.3.1.tgz", "db-1.4.0+b.tgz", "db-2.0.0.tgz", "local-0.5.0.tgz", "own"}
	if diff := cmp.Diff(want, d.vendored()); diff != "" {
		d.t.Errorf("%s: %s", first.name, diff)
	}
	lock := string(d.read(d.lock))
	for _, name := range want {
		if name != "own" {
			d.remove("app/charts/" + name)
		}
	}
	d.run(second, append([]string{"dependency", "build", "app"}, d.flags...)...)
	if diff := cmp.Diff(want, d.vendored()); diff != "" {
		d.t.Errorf("%s after %s: %s", second.name, first.name, diff)
	}
	if diff := cmp.Diff(d.run(first, "dependency", "list", "app"), d.run(second, "dependency", "list", "app")); diff != "" {
		d.t.Errorf("%s and %s list something else: %s", first.name, second.name, diff)
	}
	d.run(second, append([]string{"dependency", "update", "app"}, d.flags...)...)
	after := string(d.read(d.lock))
	if second.name == "pack" {
		// It adds what Helm does not write.
		lock, after = withoutContents(lock), withoutContents(after)
	}
	if diff := cmp.Diff(lock, after); diff != "" {
		d.t.Errorf("%s locks something else than %s: %s", second.name, first.name, diff)
	}
	d.run(second, "package", "app", "-d", "packed")
	d.run(first, "template", "packed/app-0.1.0.tgz")
}

// contents checks that the digests of the archives survive what Helm does.
func (d *dependent) contents(pack, helm tool) {
	d.t.Helper()
	d.run(pack, append([]string{"dependency", "update", "app"}, d.flags...)...)
	before := d.read(d.lock)
	if n := strings.Count(string(before), "sha256:"); n != 6 {
		d.t.Errorf("%d digests in %s", n, before)
	}
	for _, args := range [][]string{{"dependency", "build", "app"}, {"dependency", "update", "app"}, {"dependency", "list", "app"}, {"template", "app"}} {
		if args[0] == "dependency" && args[1] != "list" {
			args = append(args, d.flags...)
		}
		d.run(helm, args...)
	}
	if diff := cmp.Diff(string(before), string(d.read(d.lock))); diff != "" {
		d.t.Errorf("%s: %s", helm.name, diff)
	}
}

var generated = regexp.MustCompile(`(?m)^generated: .*\n`)

func withoutContents(lock string) string {
	start := strings.Index(lock, "contents:\n")
	end := strings.Index(lock, "dependencies:\n")
	if start >= 0 && start < end {
		lock = lock[:start] + lock[end:]
	}
	return generated.ReplaceAllString(lock, "")
}

func (d *dependent) clean() {
	d.t.Helper()
	d.remove(d.lock)
	for _, name := range d.vendored() {
		if name != "own" {
			d.remove("app/charts/" + name)
		}
	}
}

func (d *dependent) vendored() []string {
	d.t.Helper()
	entries, err := os.ReadDir(filepath.Join(d.home, "app/charts"))
	if err != nil {
		d.t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	slices.Sort(out)
	return out
}

func (d *dependent) remove(name string) {
	d.t.Helper()
	if err := os.RemoveAll(filepath.Join(d.home, name)); err != nil {
		d.t.Fatal(err)
	}
}
