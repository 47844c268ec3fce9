#pragma once

#include <boost/asio/thread_pool.hpp>
#include <ledger/directory_lock.hpp>
#include <optional>

namespace kusto::commit
{

/// Threads that may block: one for the ledger, several for batch files. They end before the directory
/// is given back, since their last jobs may still write into it.
class blocking_threads
{
public:
    blocking_threads() : ledger(1), files(2) {}

    std::optional<ledger::directory_lock> lock;
    boost::asio::thread_pool ledger;
    boost::asio::thread_pool files;
};

} // namespace kusto::commit
