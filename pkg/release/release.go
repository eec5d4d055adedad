// Package release plans and carries out what happens to releases: install,
// upgrade, rollback, uninstall. Every change is a Plan first; Engine.Apply
// carries a plan out and keeps the record of it.
//
// Records are Helm's to the byte of their meaning: either tool can take over
// the other's releases at any moment. The package links nothing of k8s.io: a
// cluster and a store of records are interfaces that package kube implements.
package release

import (
	"encoding/json"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// Key identifies a release: its records live in Namespace.
type Key struct {
	Namespace string
	Name      string
}

// Status is where a revision is in its life.
type Status string

// The statuses of Helm's records.
const (
	StatusUnknown         Status = "unknown"
	StatusDeployed        Status = "deployed"
	StatusUninstalled     Status = "uninstalled"
	StatusSuperseded      Status = "superseded"
	StatusFailed          Status = "failed"
	StatusUninstalling    Status = "uninstalling"
	StatusPendingInstall  Status = "pending-install"
	StatusPendingUpgrade  Status = "pending-upgrade"
	StatusPendingRollback Status = "pending-rollback"
)

// IsPending says whether an operation is under way, or was cut off.
func (s Status) IsPending() bool {
	return s == StatusPendingInstall || s == StatusPendingUpgrade || s == StatusPendingRollback
}

// ApplyMethod says how the objects of a revision were applied. Records of
// Helm 3 have none, which means client-side.
type ApplyMethod string

// The apply methods of Helm 4's records.
const (
	ServerSide ApplyMethod = "ssa"
	ClientSide ApplyMethod = "csa"
)

// Release is the record of one revision. The order of the fields is that of
// Helm's JSON.
type Release struct {
	Name  string `json:"name,omitempty"`
	Info  *Info  `json:"info,omitempty"`
	Chart *Chart `json:"chart,omitempty"`
	// Config are the user's values; nil where there were none.
	Config   values.Map `json:"config,omitempty"`
	Manifest string     `json:"manifest,omitempty"`
	Hooks    []*Hook    `json:"hooks,omitempty"`
	// Version is the revision, from 1.
	Version     int         `json:"version,omitempty"`
	Namespace   string      `json:"namespace,omitempty"`
	ApplyMethod ApplyMethod `json:"apply_method,omitempty"`

	// Labels are those of the object that holds the record. Those that a user
	// may set exclude the keys of SystemLabels, which stores write themselves.
	Labels map[string]string `json:"-"`
	// Annotations are those of the object that holds the record. Helm neither
	// reads nor keeps them.
	Annotations map[string]string `json:"-"`
	// ResourceVersion is the version of the object that holds the record; a
	// store fills it in and refuses to update a record that has moved on.
	ResourceVersion string `json:"-"`
	// Parts is where the bulk of the record lies, of a record that is too large
	// for one object; a store fills it in.
	Parts *Parts `json:"-"`
	// Unknown are the members of the JSON that this version does not know; they
	// are written back as they were read.
	Unknown map[string]json.RawMessage `json:"-"`
}

// Key is the release that the revision belongs to.
func (r *Release) Key() Key { return Key{Namespace: r.Namespace, Name: r.Name} }

// again is a copy that operations write on: of what changes while they run
// nothing is shared.
func (r *Release) again() *Release {
	out, info := *r, *r.Info
	out.Info = &info
	out.Hooks = make([]*Hook, len(r.Hooks))
	for i, h := range r.Hooks {
		hook := *h
		out.Hooks[i] = &hook
	}
	return &out
}

// Info is what happened to a revision, and when.
type Info struct {
	FirstDeployed Time   `json:"first_deployed,omitzero"`
	LastDeployed  Time   `json:"last_deployed,omitzero"`
	Deleted       Time   `json:"deleted,omitzero"`
	Description   string `json:"description,omitempty"`
	Status        Status `json:"status,omitempty"`
	// RollbackRevision is the revision that a rollback went back to.
	RollbackRevision int    `json:"rollback_revision,omitempty"`
	Notes            string `json:"notes,omitempty"`
	// Resources is filled in for the output of status, and never stored.
	Resources map[string][]json.RawMessage `json:"resources,omitempty"`
	// Unknown is as in Release.
	Unknown map[string]json.RawMessage `json:"-"`
}

// Chart is as much of a chart as a record keeps: not its subcharts.
type Chart struct {
	Metadata      *chart.Metadata `json:"metadata"`
	Lock          *chart.Lock     `json:"lock"`
	Templates     []File          `json:"templates"`
	Values        values.Map      `json:"values"`
	Schema        []byte          `json:"schema"`
	SchemaModTime time.Time       `json:"schemamodtime"`
	Files         []File          `json:"files"`
	ModTime       time.Time       `json:"modtime,omitzero"`
}

// File is a file of a chart as records keep it.
type File struct {
	Name    string    `json:"name"`
	Data    []byte    `json:"data"`
	ModTime time.Time `json:"modtime,omitzero"`
}

// Hook is a hook as records keep it.
type Hook struct {
	Name              string                     `json:"name,omitempty"`
	Kind              string                     `json:"kind,omitempty"`
	Path              string                     `json:"path,omitempty"`
	Manifest          string                     `json:"manifest,omitempty"`
	Events            []manifest.Event           `json:"events,omitempty"`
	LastRun           HookRun                    `json:"last_run"`
	Weight            int                        `json:"weight,omitempty"`
	DeletePolicies    []manifest.DeletePolicy    `json:"delete_policies,omitempty"`
	OutputLogPolicies []manifest.OutputLogPolicy `json:"output_log_policies,omitempty"`
	// Unknown is as in Release.
	Unknown map[string]json.RawMessage `json:"-"`
}

// HookRun is the last run of a hook.
type HookRun struct {
	StartedAt   Time      `json:"started_at,omitzero"`
	CompletedAt Time      `json:"completed_at,omitzero"`
	Phase       HookPhase `json:"phase"`
}

// HookPhase is how the last run of a hook went; empty before the first.
type HookPhase string

// The phases of Helm's records.
const (
	HookUnknown   HookPhase = "Unknown"
	HookRunning   HookPhase = "Running"
	HookSucceeded HookPhase = "Succeeded"
	HookFailed    HookPhase = "Failed"
)
