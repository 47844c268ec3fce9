#pragma once

namespace kusto::test
{

/// Names ending in `.double` are resolved by the test itself, others by the system:
/// - `first-dead.double`: 127.0.0.2, then 127.0.0.1
/// - `v6-first.double`: ::1, then 127.0.0.1
/// - any other: 127.0.0.1, but not while a `held_look_ups` exists
///
/// `localhost` and the names below it are 192.0.2.2, which is nobody's.
///
/// Destroy it before the context that resolves: contexts wait for look-ups under way.
class held_look_ups
{
public:
    held_look_ups();
    held_look_ups(held_look_ups const&) = delete;
    held_look_ups& operator=(held_look_ups const&) = delete;
    ~held_look_ups();
};

} // namespace kusto::test
