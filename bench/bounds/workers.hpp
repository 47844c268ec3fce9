#pragma once

#include <bounds/codec.hpp>
#include <bounds/connection.hpp>
#include <bounds/data.hpp>
#include <cstddef>
#include <cstdint>
#include <kusto/compression.hpp>
#include <memory>
#include <string>

namespace kusto::bounds
{

/// What one thread does with its share of the batches. Everything it needs is taken, and touched,
/// when it is made.
class worker
{
public:
    struct done
    {
        std::uint64_t records = 0;
        std::uint64_t batches = 0;
        std::uint64_t raw_bytes = 0;
        std::uint64_t wire_bytes = 0;
    };

    virtual ~worker() = default;
    /// Takes batches until there are none.
    [[nodiscard]] virtual done run() = 0;
};

/// What all workers of a measurement have in common.
struct work
{
    data const& from;
    batches& share;
    kusto::compression how;
    container const* storage; ///< null where nothing is put
};

/// \param what  as an option names it
[[nodiscard]] std::unique_ptr<worker> make_worker(std::string const& what, work const& of);

} // namespace kusto::bounds
