package releasetest

import (
	"context"
	"slices"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// The operations of a Call.
const (
	OpCapabilities = "capabilities"
	OpBuild        = "build"
	OpGet          = "get"
	OpApply        = "apply"
	OpDelete       = "delete"
	OpWatch        = "watch"
	OpRefresh      = "refresh"
	OpLookup       = "lookup"
	OpLogs         = "logs"
	OpTroubles     = "troubles"
	OpReport       = "report"
)

// Call is one operation on a Cluster.
type Call struct {
	// Op is one of the constants, OpGet and so on.
	Op string
	// Refs are the objects that it is about, as far as it names any.
	Refs []manifest.Ref
	// Detail is the propagation of an OpDelete and the method of an OpApply,
	// "ssa" or "csa", with "+force" and "+migrate" where those were asked for.
	Detail string
	// Result is what an operation did that has ended: the action of an OpApply,
	// "failed" of any that returned an error.
	Result string
}

// String is a line for comparing: "apply ConfigMap/prod/web ssa created".
func (c Call) String() string {
	words := []string{c.Op}
	for _, ref := range c.Refs {
		words = append(words, ref.String())
	}
	for _, word := range []string{c.Detail, c.Result} {
		if word != "" {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}

// begin notes a call, whose number it returns, and says whether it may go
// ahead.
func (c *Cluster) begin(ctx context.Context, call Call) (int, error) {
	if err := ctx.Err(); err != nil {
		return -1, err
	}
	c.mu.Lock()
	c.calls = append(c.calls, call)
	n := len(c.calls) - 1
	c.mu.Unlock()
	if c.cfg.Fail == nil {
		return n, nil
	}
	return n, c.cfg.Fail(call)
}

// end notes how a call went and passes its error on.
func (c *Cluster) end(n int, result string, err error) error {
	if err != nil {
		result = "failed"
	}
	if n >= 0 && result != "" {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.calls[n].Result = result
	}
	return err
}

// Calls returns the operations so far that were asked for before their context
// ended, in order.
func (c *Cluster) Calls() []Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.calls)
}

// Writes are the lines of the calls that asked for a change, in order: applies
// and deletes.
func (c *Cluster) Writes() []string {
	var writes []string
	for _, call := range c.Calls() {
		if call.Op == OpApply || call.Op == OpDelete {
			writes = append(writes, call.String())
		}
	}
	return writes
}
