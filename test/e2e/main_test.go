// Package e2e_test runs pack as a user would, against a real control plane.
//
// PACK_CONTROLPLANE names the control plane's program, which `make test` and
// `make e2e` build; without it these tests are skipped. One control plane
// serves all of them, each script in a namespace of its own.
package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/seed-0d4f92cc/pack/internal/testcluster"
)

// packEnv tells the command "pack" of the scripts where the program is.
const packEnv = "PACK_E2E_BINARY"

func TestMain(m *testing.M) {
	testscript.Main(suite{m}, map[string]func(){
		// The process becomes pack, so that a signal of a script reaches it.
		"pack": func() {
			path := os.Getenv(packEnv)
			err := syscall.Exec(path, append([]string{"pack"}, os.Args[1:]...), os.Environ())
			fmt.Fprintf(os.Stderr, "cannot run %s: %v\n", path, err)
			os.Exit(1)
		},
	})
}

// suite runs the tests and stops the control plane after them.
type suite struct{ *testing.M }

func (s suite) Run() int {
	code := s.M.Run()
	if started.cluster != nil {
		if err := started.cluster.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "stopping the control plane:", err)
			return 1
		}
	}
	if started.dir != "" {
		os.RemoveAll(started.dir)
	}
	return code
}

// started is what the tests share: the control plane and the built program.
var started struct {
	once    sync.Once
	cluster *testcluster.Cluster
	err     error

	buildOnce sync.Once
	dir       string
	pack      string
	buildErr  error
}

func build() {
	if started.dir, started.buildErr = os.MkdirTemp("", "pack-e2e-"); started.buildErr != nil {
		return
	}
	if started.buildErr = readSources(); started.buildErr != nil {
		return
	}
	started.pack = filepath.Join(started.dir, "pack")
	build := exec.Command("go", "build", "-o", started.pack, "../../cmd/pack")
	if out, err := build.CombinedOutput(); err != nil {
		started.buildErr = fmt.Errorf("building pack: %w: %s", err, out)
	}
}

func start() {
	if started.buildOnce.Do(build); started.buildErr != nil {
		started.err = started.buildErr
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	started.cluster, started.err = testcluster.Start(ctx, testcluster.Config{Binary: os.Getenv("PACK_CONTROLPLANE")})
}

// readSources opens what pack is built from and what it installs. The tests run
// a program, so go would not see that these files are their inputs, and would
// go on showing the results of older ones.
func readSources() error {
	for _, dir := range []string{"cmd", "pkg", "internal", "charts", "go.mod"} {
		err := filepath.WalkDir(filepath.Join("..", "..", dir), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			f, err := os.Open(name)
			if err != nil {
				return err
			}
			return f.Close()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// cluster is the control plane of all tests, started with the first.
func cluster(t *testing.T) *testcluster.Cluster {
	t.Helper()
	if os.Getenv("PACK_CONTROLPLANE") == "" {
		t.Skip("PACK_CONTROLPLANE names no control plane; `make e2e` builds one")
	}
	started.once.Do(start)
	if started.err != nil {
		t.Fatal(started.err)
	}
	return started.cluster
}

func packBinary(t *testing.T) string {
	t.Helper()
	cluster(t)
	return started.pack
}

// packAlone is the built program, for tests that need no cluster.
func packAlone(t *testing.T) string {
	t.Helper()
	if started.buildOnce.Do(build); started.buildErr != nil {
		t.Fatal(started.buildErr)
	}
	return started.pack
}

func namespace(t *testing.T) string {
	t.Helper()
	return cluster(t).Namespace(t)
}

// apiGet reads an object as text; the server's answer where there is none.
func apiGet(t *testing.T, path string) string {
	t.Helper()
	var out any
	err := cluster(t).Do(t.Context(), http.MethodGet, "/"+path, nil, &out)
	var status *testcluster.StatusError
	if errors.As(err, &status) {
		return status.Error()
	}
	if err != nil {
		t.Fatal(err)
	}
	return toJSON(out)
}
