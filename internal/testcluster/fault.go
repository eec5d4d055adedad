package testcluster

import (
	"context"
	"fmt"
	"net/http"
)

// Action is what a fault does to a component.
type Action string

// Actions. When one has brought back the API server, that answers.
const (
	// ActionStop ends a component gently, ActionKill at once.
	ActionStop Action = "stop"
	ActionKill Action = "kill"
	// ActionStart brings back what ActionStop or ActionKill ended, with the same
	// address and data.
	ActionStart Action = "start"
	// ActionRestart is ActionStop and ActionStart.
	ActionRestart Action = "restart"
	// ActionPause freezes a component: its connections stay open and nothing
	// answers.
	ActionPause Action = "pause"
	// ActionResume ends ActionPause.
	ActionResume Action = "resume"
)

// Component is a part of the control plane.
type Component string

// Components of the control plane.
const (
	Etcd              Component = "etcd"
	APIServer         Component = "apiserver"
	ControllerManager Component = "controller-manager"
	Scheduler         Component = "scheduler"
	// Nodes simulates the nodes, their pods, volumes and load balancers.
	Nodes Component = "nodes"
)

// Fault does an action to a component and returns when it has taken effect.
// It disturbs every test that uses the cluster: such a test is not parallel,
// and undoes what it did.
func (c *Cluster) Fault(ctx context.Context, action Action, component Component) error {
	in := map[string]any{"action": action, "component": component}
	call := call{method: http.MethodPost, url: c.info.Control, path: "/fault", token: c.info.ControlToken}
	if err := do(ctx, c.control, call, in, nil); err != nil {
		return fmt.Errorf("%s %s: %w", action, component, err)
	}
	return nil
}
