#pragma once

#include <cstddef>
#include <kusto/compression.hpp>
#include <memory>
#include <span>

namespace kusto::bounds
{

/// A compression library as its manual says to call it: one gzip member into one buffer. Its
/// memory is taken once and kept for all members.
class codec
{
public:
    virtual ~codec() = default;

    /// \param room  holds the whole member; see `room_for`
    virtual void begin(std::span<std::byte> room) = 0;
    virtual void add(std::span<std::byte const> piece) = 0;
    /// \returns bytes written into the room  \throws std::runtime_error
    [[nodiscard]] virtual std::size_t end() = 0;
};

/// With the library's own settings for `how` in kusto-cpp: window, memory, level.
/// \throws std::runtime_error when it is not there
[[nodiscard]] std::unique_ptr<codec> make_codec(kusto::compression how);

/// What a member of so many bytes needs at most.
[[nodiscard]] constexpr std::size_t room_for(std::size_t bytes) noexcept
{
    return bytes + bytes / 100 + (std::size_t(64) << 10);
}

} // namespace kusto::bounds
