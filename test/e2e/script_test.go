package e2e_test

import (
	"context"
	"encoding/json"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs every script of testdata, each in a namespace of its own.
// Beside testscript's commands there are:
//
//	pack ARGS...             the program; PACK_NAMESPACE is the namespace
//	api METHOD PATH [FILE]   a request to the API server, its answer on stdout
//	waitfor api METHOD PATH  the same again until it succeeds, for 30 seconds
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, scripts(t, "testdata", nil))
}

// scripts are those of a folder, with variables of their own.
func scripts(t *testing.T, dir string, variables map[string]string) testscript.Params {
	t.Helper()
	c := cluster(t)
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: false,
		Setup: func(env *testscript.Env) error {
			ns := c.Namespace(t)
			env.Setenv("KUBECONFIG", c.Kubeconfig())
			env.Setenv("NAMESPACE", ns)
			env.Setenv("HELM_NAMESPACE", ns)
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("ROOT", root)
			env.Setenv("TZ", "UTC")
			env.Setenv(packEnv, started.pack)
			for name, value := range variables {
				env.Setenv(name, value)
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"api":     api,
			"waitfor": waitFor,
		},
	}
}

// request sends what the arguments of "api" say.
func request(ts *testscript.TestScript, args []string) (string, error) {
	if len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: api METHOD PATH [FILE]")
	}
	var in any
	if len(args) == 3 {
		ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[2])), &in))
	}
	var out any
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err := started.cluster.Do(ctx, args[0], "/"+args[1], in, &out)
	return toJSON(out), err
}

func api(ts *testscript.TestScript, neg bool, args []string) {
	out, err := request(ts, args)
	switch {
	case err != nil && !neg:
		ts.Fatalf("%v", err)
	case err == nil && neg:
		ts.Fatalf("%s %s succeeded: %s", args[0], args[1], out)
	}
	_, err = ts.Stdout().Write([]byte(out + "\n"))
	ts.Check(err)
}

func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 || args[0] != "api" || args[1] != http.MethodGet {
		ts.Fatalf("usage: waitfor api GET PATH")
	}
	deadline := time.Now().Add(30 * time.Second)
	for {
		_, err := request(ts, args[1:])
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("not within 30 seconds: %v", err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// toJSON is compact, with its keys sorted.
func toJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
