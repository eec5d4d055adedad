// Package plugin reads, runs and installs Helm's plugins: programs in folders of
// their own, each with a plugin.yaml that says what it is. A plugin adds a
// command, fetches charts by schemes of URLs of its own, or changes what was
// rendered.
//
// Both generations of plugin.yaml are read: the one of Helm 4, which begins with
// "apiVersion: v1", and the one before, which has no apiVersion. WebAssembly
// plugins (the runtime extism/v1) are read and listed, and cannot be run.
//
// A plugin is a program of its user: it is run with his rights. What is guarded
// against here is what it writes (bounded), where it is unpacked (nowhere but in
// its folder), and credentials of others.
package plugin
