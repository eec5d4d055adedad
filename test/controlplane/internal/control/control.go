// Package control is what a control plane's fault switch and its callers agree on.
package control

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/layout"
)

// Names of the components, in the order in which they depend on each other.
const (
	Etcd              = "etcd"
	APIServer         = "apiserver"
	ControllerManager = "controller-manager"
	Scheduler         = "scheduler"
	Nodes             = "nodes"
)

// Components returns all components, in the order in which they are started.
func Components() []string {
	return []string{Etcd, APIServer, ControllerManager, Scheduler, Nodes}
}

// Actions of the fault switch. Stop ends a component gently, Kill at once; Start brings it back, Restart is Stop and
// Start. Pause freezes it so that its connections hang; Resume ends that.
const (
	Stop    = "stop"
	Kill    = "kill"
	Start   = "start"
	Restart = "restart"
	Pause   = "pause"
	Resume  = "resume"
)

// Actions returns all actions.
func Actions() []string { return []string{Stop, Kill, Start, Restart, Pause, Resume} }

// State of a component's process.
type State string

// States of a component.
const (
	Running State = "running"
	Paused  State = "paused"
	Stopped State = "stopped"
)

// Status is one component's state; PID is zero when it is stopped. GET /status answers with those of all.
type Status struct {
	Name  string `json:"name"`
	State State  `json:"state"`
	PID   int    `json:"pid,omitempty"`
}

// FaultRequest is the body of POST /fault, which answers as GET /status does.
type FaultRequest struct {
	Action    string `json:"action"`
	Component string `json:"component"`
}

// Failure is the body of an answer other than success.
type Failure struct {
	Error string `json:"error"`
}

// MaxBody bounds a request or an answer, in bytes.
const MaxBody = 1 << 20

// Call sends a request to the control server of a running control plane and decodes its answer into out, unless that
// is nil.
func Call(ctx context.Context, info layout.Info, method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, info.Control+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+info.ControlToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, MaxBody))
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		var f Failure
		if json.Unmarshal(data, &f) != nil || f.Error == "" {
			f.Error = resp.Status
		}
		return fmt.Errorf("%s %s: %s", method, path, f.Error)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(data, out)
}
