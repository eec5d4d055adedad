package release

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// CRDPolicy says what becomes of the definitions in a chart's crds/. None is ever
// deleted.
type CRDPolicy int

// The policies.
const (
	// CRDsAuto is CRDsCreate for an install, and for an upgrade of a release that was
	// never deployed; any other upgrade leaves definitions alone, as Helm does.
	CRDsAuto CRDPolicy = iota
	// CRDsCreate makes those that are missing and leaves the others as they are.
	CRDsCreate
	// CRDsUpgrade also brings those that exist to what the chart has, if that is
	// safe: *CRDError otherwise.
	CRDsUpgrade
	// CRDsSkip leaves all alone.
	CRDsSkip
)

// crdTimeout is how long definitions may take to be established, as in Helm.
const crdTimeout = time.Minute

// CRDError tells why a definition is not brought to what the chart has.
type CRDError struct {
	Name string
	// Problems are what would be lost or refused, with the version and the field.
	Problems []string
}

func (e *CRDError) Error() string {
	lines := append([]string{fmt.Sprintf("CRD %s cannot be upgraded safely:", e.Name)}, e.Problems...)
	return strings.Join(lines, "\n- ")
}

// crdPolicy is the policy that counts. The install of a release that was never
// deployed may have failed before it got to the definitions, and no other upgrade
// would make them.
func (d *deployment) crdPolicy() CRDPolicy {
	switch {
	case d.req.Offline:
		return CRDsSkip
	case d.req.Objects.CRDs != CRDsAuto:
		return d.req.Objects.CRDs
	}
	if d.install || d.neverDeployed() {
		return CRDsCreate
	}
	return CRDsSkip
}

// planCRDs decides what becomes of the definitions in crds/, and counts the APIs of
// those that will be written among the cluster's: charts render and build as if they
// were there already.
func (d *deployment) planCRDs(ctx context.Context, c *chart.Chart) error {
	policy := d.crdPolicy()
	if policy == CRDsSkip {
		return nil
	}
	wanted, err := d.buildCRDs(ctx, c)
	if err != nil || len(wanted) == 0 {
		return err
	}
	live, err := d.getAll(ctx, wanted)
	if err != nil {
		return fmt.Errorf("looking for the definitions of crds/: %w", err)
	}
	var refused []error
	for i, crd := range wanted {
		step := Step{Action: StepCreate, Ref: crd.Ref, Object: crd.Content}
		if live[i] != nil {
			step.Live = live[i].Content
			if step.Action, step.Reason, err = existingCRD(policy, crd, step.Live); err != nil {
				refused = append(refused, err)
			}
		}
		d.plan.CRDs = append(d.plan.CRDs, step)
		if step.Action == StepKeep {
			d.keepCRD(step)
			continue
		}
		d.crds = append(d.crds, crd)
		d.caps.APIVersions = append(d.caps.APIVersions, crdAPIs(crd.Content)...)
	}
	return errors.Join(refused...)
}

// The reasons for which a definition that exists is left as it is.
const (
	crdSame   = "it is there"
	crdDiffer = "it exists with another content"
)

// existingCRD decides about a definition that is there.
func existingCRD(policy CRDPolicy, wanted Object, live map[string]any) (StepAction, string, error) {
	switch {
	case sameDefinition(mapOf(wanted.Content["spec"]), mapOf(live["spec"])):
		return StepKeep, crdSame, nil
	case policy == CRDsCreate:
		return StepKeep, crdDiffer, nil
	}
	if problems := crdProblems(live, wanted.Content); len(problems) > 0 {
		return StepUpdate, "", &CRDError{Name: wanted.Ref.Name, Problems: problems}
	}
	return StepUpdate, "", nil
}

// keepCRD says that the chart has another definition than the cluster.
func (d *deployment) keepCRD(s Step) {
	if s.Reason == crdDiffer {
		d.plan.Warnings = append(d.plan.Warnings, fmt.Sprintf(
			"CRD %s exists and differs from the chart's; it is left as it is, --crds=upgrade applies the chart's", s.Ref.Name))
	}
}

// buildCRDs reads the definitions in crds/.
func (d *deployment) buildCRDs(ctx context.Context, c *chart.Chart) ([]Object, error) {
	var docs []manifest.Manifest
	for _, f := range c.CRDs() {
		for _, doc := range manifest.Split(string(f.Data)) {
			docs = append(docs, manifest.Manifest{Path: f.Name, Content: doc})
		}
	}
	if len(docs) == 0 {
		return nil, nil
	}
	crds, err := d.cfg.Cluster.Build(ctx, docs, BuildOptions{Namespace: d.req.Key.Namespace})
	if err != nil {
		return nil, fmt.Errorf("failed to install CRD: %w", err)
	}
	return crds, nil
}

// crdAPIs are the group versions and kinds that a definition serves.
func crdAPIs(crd map[string]any) []string {
	spec, _ := crd["spec"].(map[string]any)
	names, _ := spec["names"].(map[string]any)
	versions, _ := spec["versions"].([]any)
	var out []string
	for _, v := range versions {
		version, _ := v.(map[string]any)
		if served, _ := version["served"].(bool); !served {
			continue
		}
		gv := fmt.Sprintf("%v/%v", spec["group"], version["name"])
		out = append(out, gv, fmt.Sprintf("%s/%v", gv, names["kind"]))
	}
	return out
}

// crdOptions are for writing a definition. A new one is made as the release's objects
// are; what is brought to another content is the server's to merge, since no revision
// says what it had before.
func (r *run) crdOptions(s Step) ApplyObjectOptions {
	opts := ApplyObjectOptions{ForceConflicts: r.plan.apply.forceConflicts, Live: s.Live, Before: r.stillHeld}
	if s.Action == StepUpdate {
		opts.MigrateManagedFields = true
	} else {
		opts.Method = r.rel.ApplyMethod
	}
	return opts
}

// applyCRDs writes the definitions of crds/ and waits until they are established and
// the server serves their kinds.
func (r *run) applyCRDs(ctx context.Context) error {
	var written []Step
	for _, s := range r.plan.CRDs {
		if s.Action == StepKeep {
			r.observe(Event{Kind: EventKept, Ref: s.Ref, Message: s.Reason})
			continue
		}
		_, action, err := r.cfg.Cluster.Apply(ctx, Object{Ref: s.Ref, Content: s.Object}, r.crdOptions(s))
		if err != nil {
			verb := "install"
			if s.Action == StepUpdate {
				verb = "upgrade"
			}
			return &StepError{Ref: s.Ref, Action: s.Action, Err: fmt.Errorf("failed to %s CRD %s: %w", verb, s.Ref.Name, err)}
		}
		r.observe(Event{Kind: EventApplied, Ref: s.Ref, Action: action})
		written = append(written, s)
	}
	if len(written) == 0 {
		return nil
	}
	err := r.waitFor(ctx, refsOf(written), waitGoal{}, crdTimeout)
	r.cfg.Cluster.Refresh()
	return err
}
