#include "secrets.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace kusto::faults
{

namespace
{

std::string percent_encoded(std::string_view text)
{
    constexpr char const* digits = "0123456789ABCDEF";
    std::string out;
    for (char const c : text)
    {
        auto const byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~')
            out += c;
        else
            out += {'%', digits[byte >> 4], digits[byte & 15]};
    }
    return out;
}

std::string percent_decoded(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        bool const code = text[i] == '%' && i + 2 < text.size() &&
                          std::isxdigit(static_cast<unsigned char>(text[i + 1])) != 0 &&
                          std::isxdigit(static_cast<unsigned char>(text[i + 2])) != 0;
        if (code)
            out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
        else
            out += text[i];
        i += code ? 2 : 0;
    }
    return out;
}

bool is_token_letter(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '+' ||
           c == '/' || c == '=' || c == '%' || c == '.';
}

/// Marks after which a secret follows, if enough letters do.
struct mark
{
    std::string_view text;
    std::size_t letters;
};

constexpr std::array<mark, 5> marks{
    {{"sig=", 8}, {"eyJ", 16}, {"Bearer ", 8}, {"client_secret=", 1}, {"access_token\":\"", 1}}};

std::string shortened(std::string_view secret)
{
    return std::string(secret.substr(0, 6)) + "...";
}

} // namespace

void secret_scanner::forbid(std::string value)
{
    std::lock_guard const lock(mutex_);
    // Parts of a few letters would be found everywhere.
    if (value.size() < 8)
        return;
    values_.insert(percent_encoded(value));
    values_.insert(percent_decoded(value));
    values_.insert(std::move(value));
}

bool secret_scanner::scan(std::string_view where, std::string_view text)
{
    std::lock_guard const lock(mutex_);
    scanned_ += text.size();
    auto const before = findings_.size();
    for (auto const& value : values_)
        if (text.find(value) != std::string_view::npos)
            findings_.push_back(std::string(where) + ": the secret " + shortened(value));
    for (auto const& one : marks)
        for (auto at = text.find(one.text); at != std::string_view::npos;
             at = text.find(one.text, at + 1))
        {
            auto const begin = text.begin() + static_cast<std::ptrdiff_t>(at + one.text.size());
            auto const end = std::find_if_not(begin, text.end(), is_token_letter);
            if (static_cast<std::size_t>(end - begin) >= one.letters)
                findings_.push_back(std::string(where) + ": something after '" +
                                    std::string(one.text) + "'");
        }
    return findings_.size() == before;
}

void secret_scanner::complain(std::string what)
{
    std::lock_guard const lock(mutex_);
    findings_.push_back(std::move(what));
}

void secret_scanner::take_over(secret_scanner const& other, std::string const& during)
{
    auto const found = other.findings();
    auto const size = other.scanned_bytes();
    std::lock_guard const lock(mutex_);
    for (auto const& one : found)
        findings_.push_back(during + ": " + one);
    scanned_ += size;
}

std::vector<std::string> secret_scanner::findings() const
{
    std::lock_guard const lock(mutex_);
    return findings_;
}

std::size_t secret_scanner::scanned_bytes() const
{
    std::lock_guard const lock(mutex_);
    return scanned_;
}

} // namespace kusto::faults
