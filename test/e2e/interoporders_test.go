package e2e_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The operations of TestInteropOrders, of which every order is tried.
const (
	opUpgrade   = "upgrade"
	opFail      = "fail" // an upgrade that fails in the midst of its objects
	opRollback  = "rollback"
	opUninstall = "uninstall"
)

// hand is a release in the hands of several tools, and what must be true of it.
type hand struct {
	*session
	all []tool
	// turn chooses tools and apply methods; it counts what was chosen.
	turn int
	// colors and statuses are those of revisions 1, 2, …; stage is the value of
	// the label of the newest one.
	colors, statuses []string
	stages           []string
	settled          bool // the live objects are those of the newest revision
}

// TestInteropOrders hands a release through every order of operations, each by
// another tool and apply method than the one before, with labels, hooks and failed
// revisions; after each step another tool must find what the model says, in the end
// all of them.
func TestInteropOrders(t *testing.T) {
	t.Parallel()
	all := tools(t)
	ops := []string{opUpgrade, opFail, opRollback, opUninstall}
	seed := 0
	for _, a := range ops {
		for _, b := range ops {
			for _, c := range ops {
				seed += 7
				t.Run(a+"-"+b+"-"+c, func(t *testing.T) {
					t.Parallel()
					h := &hand{session: newSession(t), all: all, turn: seed}
					h.deploy("install", "red")
					for _, op := range []string{a, b, c} {
						h.do(op)
					}
					h.check(all...)
					// pack ends what others began, and others what pack began.
					h.run(h.next(), "uninstall", "hand")
					h.gone()
				})
			}
		}
	}
}

// next is the tool whose turn it is.
func (h *hand) next() tool {
	h.turn++
	return h.all[h.turn%len(h.all)]
}

// method are the flags for how objects are applied, of tools that have a choice.
func (h *hand) method(with tool, op string) []string {
	h.turn += 3
	choice := []string{"auto", "true", "false"}[h.turn/2%3]
	if with.name == "helm3" || op == "install" && choice == "auto" {
		return nil
	}
	return []string{"--server-side=" + choice}
}

func (h *hand) do(op string) {
	h.t.Helper()
	if last := h.statuses[len(h.statuses)-1]; last == "uninstalled" && op != opRollback {
		op = opRollback // nothing else goes on from there
	}
	color := []string{"blue", "green", "red"}[len(h.colors)%3]
	switch op {
	case opUpgrade:
		h.deploy("upgrade", color)
	case opFail:
		h.fail(color)
	case opRollback:
		with := h.next()
		h.run(with, append([]string{"rollback", "hand", "1"}, h.method(with, op)...)...)
		h.deployed(h.colors[0], h.stages[0])
	case opUninstall:
		h.run(h.next(), "uninstall", "hand", "--keep-history")
		h.uninstalled()
	}
	h.check(h.next())
}

func (h *hand) deploy(verb, color string) {
	h.t.Helper()
	with, stage := h.next(), fmt.Sprintf("s%d", len(h.colors)+1)
	args := append([]string{verb, "hand", h.chart, "--set", "color=" + color, "--labels", "stage=" + stage}, h.method(with, verb)...)
	h.run(with, args...)
	h.deployed(color, stage)
}

func (h *hand) fail(color string) {
	h.t.Helper()
	with := h.next()
	args := append([]string{"upgrade", "hand", h.chart, "--set", "color=" + color + ",bad=true"}, h.method(with, "upgrade")...)
	cmd := exec.CommandContext(h.t.Context(), with.path, append(args, "--namespace", h.namespace)...)
	cmd.Env = h.environ()
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "nowhere") {
		h.t.Fatalf("%s %s: error %v:\n%s", with.name, strings.Join(args, " "), err, out)
	}
	h.colors, h.statuses, h.settled = append(h.colors, color), append(h.statuses, "failed"), false
	h.stages = append(h.stages, h.stages[len(h.stages)-1])
}

// supersede notes that what was deployed is so no longer.
func (h *hand) supersede() {
	for i, s := range h.statuses {
		if s == "deployed" {
			h.statuses[i] = "superseded"
		}
	}
}

// deployed notes a new revision.
func (h *hand) deployed(color, stage string) {
	h.supersede()
	h.colors, h.statuses, h.stages = append(h.colors, color), append(h.statuses, "deployed"), append(h.stages, stage)
	h.settled = true
}

func (h *hand) uninstalled() {
	h.supersede()
	h.statuses[len(h.statuses)-1], h.settled = "uninstalled", false
	h.gone()
}

// check compares what tools say, and the cluster, with the model.
func (h *hand) check(by ...tool) {
	h.t.Helper()
	n := len(h.statuses)
	for _, with := range by {
		var history []struct {
			Revision int
			Status   string
		}
		out := h.run(with, "history", "hand", "-o", "json")
		if err := json.Unmarshal([]byte(out), &history); err != nil {
			h.t.Fatalf("%s history: %v: %s", with.name, err, out)
		}
		var got []string
		for _, r := range history {
			got = append(got, r.Status)
		}
		if !h.sameHistory(got) {
			h.t.Fatalf("%s history: %q, want %q", with.name, got, h.statuses)
		}
		if out := h.run(with, "get", "values", "hand", "-o", "json"); !strings.Contains(out, `"color":"`+h.colors[n-1]+`"`) {
			h.t.Fatalf("%s: values %s, want color %s", with.name, out, h.colors[n-1])
		}
		flags := []string{"list", "-q", "--selector", "stage=" + h.stages[n-1]}
		if with.name == "helm3" {
			flags = append(flags, "--all") // which others do without
		}
		if out := h.run(with, flags...); strings.TrimSpace(out) != "hand" {
			h.t.Fatalf("%s lists %q under stage=%s", with.name, out, h.stages[n-1])
		}
	}
	if h.settled {
		h.live(h.colors[n-1])
	}
}

// sameHistory compares statuses. What became of the revision that was deployed when a
// later one failed and a rollback followed, the tools do not agree upon.
func (h *hand) sameHistory(got []string) bool {
	if len(got) != len(h.statuses) {
		return false
	}
	for i, want := range h.statuses {
		if got[i] != want && (want != "failed" || got[i] != "superseded") {
			return false
		}
	}
	return true
}

// live checks that the objects are those of a color, without what it drops.
func (h *hand) live(color string) {
	h.t.Helper()
	got := apiGet(h.t, "api/v1/namespaces/"+h.namespace+"/configmaps/hand")
	extra := strings.Contains(apiGet(h.t, "api/v1/namespaces/"+h.namespace+"/configmaps/hand-blue"), `"kind":"ConfigMap"`)
	if !strings.Contains(got, `"color":"`+color+`"`) || strings.Contains(got, `"onlyBlue"`) != (color == "blue") || extra != (color == "blue") {
		h.t.Fatalf("color %s: the cluster has %s, and the object of blue: %v", color, got, extra)
	}
}

// gone checks that no object is left.
func (h *hand) gone() {
	h.t.Helper()
	for _, path := range []string{"api/v1/namespaces/%s/configmaps", "apis/apps/v1/namespaces/%s/deployments"} {
		var list struct {
			Items []struct{ Metadata struct{ Name string } }
		}
		if err := json.Unmarshal([]byte(apiGet(h.t, fmt.Sprintf(path, h.namespace))), &list); err != nil {
			h.t.Fatal(err)
		}
		names := []string{}
		for _, item := range list.Items {
			names = append(names, item.Metadata.Name)
		}
		if left := slices.DeleteFunc(names, func(s string) bool { return !strings.HasPrefix(s, "hand") }); len(left) > 0 {
			h.t.Fatalf("left after the uninstall: %q", left)
		}
	}
}
