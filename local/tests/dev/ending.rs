//! No process is left, however it ends.

use nix::sys::signal::Signal;

use crate::fixtures::{Process, family, http, processes, signal, until};
use crate::project::{Dev, command, free_port, project};

fn are_gone(family: &[Process]) -> bool {
    let all = processes();
    !all.iter()
        .any(|process| family.iter().any(|member| member.pid == process.pid))
}

#[tokio::test]
async fn no_process_is_left_after_a_signal() {
    let project = project();

    for ending in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let mut dev = Dev::start(&project);
        let family = dev.family().await;

        signal(dev.child.id(), ending);
        until("it ends", || dev.child.try_wait().unwrap().is_some()).await;

        assert_eq!(dev.child.wait().unwrap().code(), Some(0), "{ending}");
        until("the processes are gone", || are_gone(&family)).await;
    }
}

#[tokio::test]
async fn no_process_is_left_after_it_is_killed() {
    let project = project();
    let mut dev = Dev::start(&project);
    // One environment is frozen and one is busy: they end in different ways.
    let busy = tokio::spawn(http::get(format!("{}/probe?sleep=60000", dev.url)));
    until("a function is busy", || is_busy(dev.child.id())).await;
    let family = dev.family().await;
    assert_eq!(
        family
            .iter()
            .filter(|process| process.command.contains("/probe"))
            .count(),
        2,
        "{family:?}"
    );

    signal(dev.child.id(), Signal::SIGKILL);
    dev.child.wait().unwrap();

    until("the processes are gone", || are_gone(&family)).await;
    assert!(busy.await.unwrap().is_err());
}

fn is_busy(dev: u32) -> bool {
    family(dev)
        .iter()
        .any(|process| process.command.contains("/probe") && process.state != 'T')
}

#[tokio::test]
async fn no_process_is_left_when_it_is_stopped_while_starting() {
    let project = project();
    let mut child = command(&project, &["--port", &free_port().to_string()])
        .spawn()
        .unwrap();
    until("PostgreSQL is being set up", || {
        family(child.id()).len() > 1
    })
    .await;
    let family = family(child.id());

    signal(child.id(), Signal::SIGTERM);
    until("it ends", || child.try_wait().unwrap().is_some()).await;

    assert_eq!(child.wait().unwrap().code(), Some(0));
    until("the processes are gone", || are_gone(&family)).await;
    let folder = project.path().to_str().unwrap();
    until("no other has begun", || {
        !processes()
            .iter()
            .any(|process| process.command.contains(folder))
    })
    .await;
}
