package release

import (
	"errors"
	"fmt"
)

// The errors of settings by which objects cannot be written.
var (
	// ErrForceReplace: objects cannot be replaced and applied by the server at once.
	ErrForceReplace = errors.New("invalid operation: cannot use server-side apply and force replace together")
	// ErrForceConflicts: a patch that is made here takes fields without asking.
	ErrForceConflicts = errors.New("invalid client update option(s): forceConflicts enabled when serverSideApply disabled")
	// ErrApplyMethod: there is no such method.
	ErrApplyMethod = errors.New("invalid/unknown release server-side apply method")
)

// check refuses what is no method.
func (m ApplyMethod) check() error {
	switch m {
	case "", ServerSide, ClientSide:
		return nil
	}
	return fmt.Errorf("%w: %s", ErrApplyMethod, m)
}

// or is the method, or where there is none that of a revision before: only those that
// say so were applied by the server.
func (m ApplyMethod) or(before ApplyMethod) ApplyMethod {
	switch {
	case m != "":
		return m
	case before == ServerSide:
		return ServerSide
	}
	return ClientSide
}

// applyMethod is how the objects of the new revision are written.
func (d *deployment) applyMethod() ApplyMethod {
	if d.install || d.plan.Last == nil {
		return d.req.Objects.Method.or(ServerSide)
	}
	return d.req.Objects.Method.or(d.plan.Last.ApplyMethod)
}

// checkApply refuses settings that exclude each other, before anything is written.
func (p *Plan) checkApply() error {
	switch serverSide := p.Release.ApplyMethod == ServerSide; {
	case p.apply.replace && p.apply.forceConflicts:
		return errors.New("invalid operation: cannot use force conflicts and force replace together")
	case p.apply.replace && serverSide:
		return ErrForceReplace
	case p.apply.forceConflicts && !serverSide:
		return ErrForceConflicts
	}
	return nil
}
