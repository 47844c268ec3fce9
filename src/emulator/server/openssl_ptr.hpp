#pragma once

#include <memory>

namespace kusto::emulator
{

/// Deleter of an OpenSSL object by the function that frees it.
template <auto Free>
struct freed_by
{
    template <class T>
    void operator()(T* what) const
    {
        Free(what);
    }
};

} // namespace kusto::emulator
