#pragma once

#include <pthread.h>

namespace kusto::emulator
{

/// Marks the calling thread as the cluster's, so that tools can tell its CPU time from that of the
/// program it runs in.
inline void name_this_thread() noexcept
{
    pthread_setname_np(pthread_self(), "kusto-emulator");
}

} // namespace kusto::emulator
