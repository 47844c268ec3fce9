#pragma once

#include "oracle.hpp"

#include <cstdint>
#include <kusto/undelivered.hpp>
#include <mutex>
#include <string>

namespace kusto::faults
{

/// Takes the batches that a sink could not deliver.
///
/// \par Thread safety
/// `take` and `named` may be called at the same time.
class undelivered_store
{
public:
    explicit undelivered_store(std::uint64_t salt, bool throws_once)
        : salt_(salt),
          throws_(throws_once)
    {
    }

    /// For `failure_policy::hand_over`. \throws std::runtime_error once, if asked to
    void take(undelivered_batch const& what);
    /// Reads the files of `failure_policy::dead_letter`.
    void read_files(std::string const& directory);

    [[nodiscard]] named_batches named() const;

private:
    std::uint64_t const salt_;
    mutable std::mutex mutex_;
    bool throws_;
    named_batches named_;
};

/// A directory that is removed with its content.
class temporary_directory
{
public:
    temporary_directory();
    temporary_directory(temporary_directory const&) = delete;
    temporary_directory& operator=(temporary_directory const&) = delete;
    ~temporary_directory();

    [[nodiscard]] std::string const& path() const noexcept { return path_; }

private:
    std::string path_;
};

} // namespace kusto::faults
