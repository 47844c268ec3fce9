#include <base/secret.hpp>

#include <string.h>
#include <utility>

namespace kusto::base
{

std::string in_one_piece(std::string_view first, std::string_view second)
{
    std::string text;
    text.reserve(first.size() + second.size());
    text.append(first).append(second);
    return text;
}

void wipe(std::string& text) noexcept
{
    text.resize(text.capacity());
    wipe(text.data(), text.size());
    text.clear();
}

void wipe(void* memory, std::size_t size) noexcept
{
    ::explicit_bzero(memory, size);
}

secret::secret(std::string&& text) : text_(text)
{
    base::wipe(text);
}

secret::secret(std::string_view text) : text_(text) {}

secret::secret(secret const& other) = default;

// A move of short text copies it; what stays behind is wiped too.
secret::secret(secret&& other) noexcept : text_(std::move(other.text_))
{
    other.wipe();
}

secret& secret::operator=(secret other) noexcept
{
    wipe();
    text_.swap(other.text_);
    return *this;
}

secret::~secret()
{
    wipe();
}

void secret::wipe() noexcept
{
    base::wipe(text_);
}

} // namespace kusto::base
