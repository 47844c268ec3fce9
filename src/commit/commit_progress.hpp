#pragma once

#include <commit/committer.hpp>
#include <core/checkpoint.hpp>
#include <cstddef>
#include <map>
#include <set>

namespace kusto::commit
{

/// One commit under way.
class committer::progress
{
public:
    explicit progress(core::sealed_checkpoint& checkpoint) : one(checkpoint) {}

    core::sealed_checkpoint& one;
    std::map<std::size_t, int> refusals; ///< by batch
    std::set<std::size_t> left_out;      ///< batches in the dead-letter directory
    int excesses = 0;                    ///< stages that could not be moved
    int moves = 0;                       ///< moves that failed
};

} // namespace kusto::commit
